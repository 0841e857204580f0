package ai.fresnel.cvs.train.viewset;

/** What an object may be used for. */
public enum Split {
  /** Gradients come from these objects alone. */
  TRAIN,
  /** Settings are chosen on these objects. */
  VALIDATION,
  /** Reported numbers come from these objects, which nothing was chosen on. */
  TEST
}
