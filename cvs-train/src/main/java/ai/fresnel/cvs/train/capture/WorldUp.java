package ai.fresnel.cvs.train.capture;

/** What is known about up in the world of a capture. */
public enum WorldUp {
  /** The format says that +z is up; the cameras may show otherwise. */
  Z,

  /** The format says nothing; up is the mean of the cameras' up. */
  CAMERAS
}
