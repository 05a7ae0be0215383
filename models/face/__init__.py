"""From a picture to a face template: detect, find landmarks, align, embed. One step a file, no I/O but the models."""
