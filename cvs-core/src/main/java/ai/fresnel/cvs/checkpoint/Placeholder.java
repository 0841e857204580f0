package ai.fresnel.cvs.checkpoint;

import java.util.Set;

/**
 * Stands for a class, a function or an object of a checkpoint that is left aside: its name alone.
 * Nothing is ever loaded or run by it.
 *
 * @param name the full name of the class or function
 */
record Placeholder(String name) {

  /** What training frameworks make objects of beside their state dictionary. */
  private static final Set<String> MAKERS =
      Set.of(
          "__builtin__.set",
          "__builtin__.frozenset",
          "builtins.set",
          "builtins.frozenset",
          "_codecs.encode",
          "argparse.Namespace",
          "collections.Counter",
          "collections.defaultdict",
          "copy_reg._reconstructor",
          "datetime.datetime",
          "datetime.timedelta",
          "numpy.dtype",
          "numpy.ndarray",
          "numpy.core.multiarray._reconstruct",
          "numpy.core.multiarray.scalar",
          "numpy._core.multiarray._reconstruct",
          "numpy._core.multiarray.scalar",
          "pathlib.Path",
          "pathlib.PosixPath",
          "pathlib.PurePosixPath",
          "pathlib.WindowsPath",
          "torch.Size",
          "torch.device",
          "torch.nn.modules.container.ParameterDict");

  private static final Set<String> FRAMEWORKS =
      Set.of("lightning", "lightning_fabric", "omegaconf", "pytorch_lightning");

  /** Returns whether a checkpoint may ask for an object that this makes. */
  boolean isMaker() {
    return MAKERS.contains(name) || FRAMEWORKS.contains(name.split("\\.", 2)[0]);
  }
}
