"""The district's server: takes the kiosks' sealed events, keeps them, and shows supervisors what happens."""
