"""What makes a district and its machines: certificates, keys, broker and service configuration, the demo district."""
