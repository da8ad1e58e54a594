"""Echo tests: somebody speaks, and hears how others hear them. Nobody is called, and no sound is kept."""
