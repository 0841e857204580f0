package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.ClipConfig;
import ai.fresnel.cvs.model.CodecConfig;
import ai.fresnel.cvs.model.ConditionerConfig;
import ai.fresnel.cvs.model.HeadsConfig;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.SamplingConfig;
import ai.fresnel.cvs.model.ScalingConfig;
import ai.fresnel.cvs.model.SolverConfig;
import ai.fresnel.cvs.model.UNetConfig;
import ai.fresnel.cvs.model.UNetConfig.Attention;
import ai.fresnel.cvs.model.UNetConfig.HeadNumber;
import ai.fresnel.cvs.model.UNetConfig.Level;
import ai.fresnel.cvs.model.UNetConfig.Modulation;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Small networks of Zero123's shapes with given weights, and what the references compute. */
public final class Zero123Fixture implements AutoCloseable {

  public static final UNetConfig UNET =
      new UNetConfig(
          List.of(
              new Level(8, 2, 1), new Level(16, 2, 1), new Level(16, 2, 1), new Level(16, 2, 0)),
          1,
          new Attention(new HeadNumber(4), 24, false, new Norm(4, 1e-6)),
          new Norm(4, 1e-5),
          Modulation.SHIFT,
          32,
          false,
          false);

  public static final AutoencoderConfig.KlVae VAE =
      new AutoencoderConfig.KlVae(List.of(8, 16, 16, 16), 2, new Norm(8, 1e-6), 4, 0.18215);

  public static final AutoencoderConfig.Taesd TAESD =
      new AutoencoderConfig.Taesd(8, List.of(1, 3, 3, 3), List.of(3, 3, 3, 1), 4, 0.18215);

  public static final ClipConfig CLIP = new ClipConfig(56, 14, 32, 2, 4, 64, 24);

  /** The whole model, sampled in ten steps. */
  public static ModelConfig config(SolverConfig solver) {
    return new ModelConfig(
        "zero123-tiny",
        ModelConfig.Kind.DIFFUSION,
        CodecConfig.rgb(64).withAutoencoder(VAE),
        ConditionerConfig.zero123(
            24, new ConditionerConfig.Zero123(CLIP, ConditionerConfig.FourthNumber.RADIUS)),
        UNET,
        HeadsConfig.none(),
        ScalingConfig.Discrete.latentDiffusion(),
        SamplingConfig.defaults().withSolver(solver.withSpacing(solver.spacing(), 10)));
  }

  private static final DiffusersNames NAMES = new DiffusersNames(4, 4);

  private final int threads = TorchRuntime.threads();
  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final Map<String, Safetensors> weights = new HashMap<>();
  private final Safetensors io;

  public Zero123Fixture() throws IOException {
    // On shapes this small several threads only wait for each other.
    TorchRuntime.setThreads(1);
    io = Safetensors.open(folder().resolve("io.safetensors"));
  }

  /** The pipeline's folder in diffusers' layout. */
  public static Path folder() {
    try {
      URI uri = Zero123Fixture.class.getResource("zero123-tiny").toURI();
      return uri.getScheme().equals("file") ? Path.of(uri) : Unpacked.FOLDER;
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The folder's files, out of the jar in which other modules get them. */
  private static final class Unpacked {

    private static final List<String> FILES =
        List.of(
            "io.safetensors",
            "cc_projection/config.json",
            "cc_projection/diffusion_pytorch_model.safetensors",
            "image_encoder/config.json",
            "image_encoder/model.safetensors",
            "scheduler/scheduler_config.json",
            "taesd/config.json",
            "taesd/diffusion_pytorch_model.safetensors",
            "unet/config.json",
            "unet/diffusion_pytorch_model.safetensors",
            "vae/config.json",
            "vae/diffusion_pytorch_model.safetensors");

    private static final Path FOLDER = unpack();

    private static Path unpack() {
      Path folder = temporary();
      FILES.forEach(name -> copy("zero123-tiny/" + name, folder.resolve(name)));
      return folder;
    }
  }

  /**
   * A file beside the fixture, such as {@code lcm-tiny/io.safetensors}, out of a jar if need be.
   */
  public static Path file(String name) {
    try {
      URI uri = Zero123Fixture.class.getResource(name).toURI();
      if (uri.getScheme().equals("file")) {
        return Path.of(uri);
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    Path copied = temporary().resolve(name);
    copy(name, copied);
    return copied;
  }

  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("zero123-tiny");
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(String name, Path file) {
    try (InputStream in = Zero123Fixture.class.getResourceAsStream(name)) {
      Files.createDirectories(file.getParent());
      // Deleted in the opposite order.
      file.getParent().toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      Files.copy(in, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path weights(String folder) {
    boolean transformers = folder.equals(DiffusersNames.IMAGE_ENCODER);
    String name = (transformers ? "" : "diffusion_pytorch_") + "model.safetensors";
    return folder().resolve(folder).resolve(name);
  }

  public NDManager manager() {
    return manager;
  }

  public ParameterStore store() {
    return new ParameterStore(manager, false);
  }

  /** An input or an output. */
  public NDArray read(String name) {
    try {
      return io.read(manager, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives a model its values. */
  public Set<String> load(ViewModel model) throws IOException {
    Map<String, Block> blocks = new LinkedHashMap<>();
    Weights.children(model).forEach(child -> blocks.put(child.getKey(), child.getValue()));
    return load(blocks);
  }

  /** The camera move of the fixture, (1, 16). */
  public NDArray cameras() {
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 64);
    CameraPose source = CameraPose.orbit(0, Math.toRadians(10), 1.5);
    CameraPose target = CameraPose.orbit(Math.toRadians(60), Math.toRadians(30), 1.6);
    return manager.create(
        RelativePose.features(source, lens, target, lens), new Shape(1, RelativePose.FEATURES));
  }

  /**
   * Gives blocks their values, float32.
   *
   * @param blocks by the names that lead to their parameters
   * @return the tensors that were read, {@code folder/name}
   */
  public Set<String> load(Map<String, ? extends Block> blocks) throws IOException {
    Set<String> used = new HashSet<>();
    for (Map.Entry<String, ? extends Block> block : blocks.entrySet()) {
      block.getValue().initialize(manager, DataType.FLOAT32, new Shape(1));
      for (Map.Entry<String, Parameter> entry : Weights.parameters(block.getValue()).entrySet()) {
        NDArray array = entry.getValue().getArray();
        array.setName(null);
        String path = block.getKey() + "." + entry.getKey();
        NDArray value = value(NAMES.source(path), used);
        assertEquals(value.getShape(), array.getShape(), path);
        value.copyTo(array);
      }
    }
    return used;
  }

  private NDArray value(DiffusersNames.Source source, Set<String> used) throws IOException {
    NDList parts = new NDList();
    if (!weights.containsKey(source.folder())) {
      weights.put(source.folder(), Safetensors.open(weights(source.folder())));
    }
    for (String name : source.names()) {
      assertTrue(used.add(source.folder() + "/" + name), name + " is read twice");
      NDArray part = weights.get(source.folder()).read(manager, name);
      parts.add(part.toType(DataType.FLOAT32, true));
    }
    return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 0);
  }

  /** All tensors of folders, {@code folder/name}. */
  public static Set<String> tensors(String... folders) throws IOException {
    Set<String> all = new HashSet<>();
    for (String folder : folders) {
      try (Safetensors file = Safetensors.open(weights(folder))) {
        file.names().forEach(name -> all.add(folder + "/" + name));
      }
    }
    return all;
  }

  /** Compares with an output of the reference, by the output's largest value. */
  public void isClose(String expected, NDArray actual, double tolerance) {
    NDArray wanted = read(expected);
    assertEquals(wanted.getShape(), actual.getShape(), expected);
    float largest = wanted.abs().max().getFloat();
    float difference = wanted.sub(actual).abs().max().getFloat();
    assertTrue(
        difference <= tolerance * largest,
        expected + " differs by " + difference + " of " + largest);
  }

  @Override
  public void close() throws IOException {
    io.close();
    for (Safetensors file : weights.values()) {
      file.close();
    }
    manager.close();
    TorchRuntime.setThreads(threads);
  }
}
