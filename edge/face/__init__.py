"""What the kiosk does with a face: judge a picture, enrol from three, verify against one. Models: `models.face`.

    engine = FaceEngine.load(models_dir)
    burst = Burst(engine)                        # takes pictures; the best of them is compared
    match = verify(enrolled, burst.best())       # score and accepted

A match is one rung of evidence. It never decides whether a family eats (`docs/face.md`).
"""
