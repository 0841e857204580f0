package ai.fresnel.cvs.train.viewset;

/** The use of an object. */
public enum Split {
  /** Objects for gradients. */
  TRAIN,
  /** Objects for the choice of settings. */
  VALIDATION,
  /** Objects for reported numbers, used for nothing else. */
  TEST
}
