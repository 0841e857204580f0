package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.UNetConfig;
import ai.fresnel.cvs.model.UNetConfig.Attention;
import ai.fresnel.cvs.model.UNetConfig.HeadNumber;
import ai.fresnel.cvs.model.UNetConfig.Level;
import ai.fresnel.cvs.model.UNetConfig.Modulation;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A U-Net of Zero123's shape with given weights draws what diffusers computes with them. */
@SuppressWarnings("try") // the handle of the gradient mode is only closed
class DiffusersUNetTest {

  private static final UNetConfig CONFIG =
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

  private static final Pattern PLACE =
      Pattern.compile("(down|middle|up)(\\d?)_([a-z]+)(\\d?)\\.(.*)");

  private static final Map<String, String> ATTENTION = new LinkedHashMap<>();

  static {
    ATTENTION.put("enter.norm.", "norm.");
    ATTENTION.put("enter.in.", "proj_in.");
    ATTENTION.put("leave.out.", "proj_out.");
    ATTENTION.put("block0.self.out.", "transformer_blocks.0.attn1.to_out.0.");
    ATTENTION.put("block0.cross.q.", "transformer_blocks.0.attn2.to_q.");
    ATTENTION.put("block0.cross.out.", "transformer_blocks.0.attn2.to_out.0.");
    ATTENTION.put("block0.gate.", "transformer_blocks.0.ff.net.0.proj.");
    ATTENTION.put("block0.out.", "transformer_blocks.0.ff.net.2.");
    ATTENTION.put("block0.", "transformer_blocks.0.");
  }

  private final Set<String> used = new HashSet<>();

  private static Safetensors open(String name) throws IOException, URISyntaxException {
    return Safetensors.open(
        Path.of(DiffusersUNetTest.class.getResource("zero123-tiny/" + name).toURI()));
  }

  /** With one token, as Zero123, and with five. */
  @ParameterizedTest
  @ValueSource(strings = {"", "5"})
  void drawsWhatDiffusersDraws(String tokens) throws IOException, URISyntaxException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        Safetensors weights = open("unet.safetensors");
        Safetensors io = open("io.safetensors")) {
      UNet unet = new UNet(CONFIG, 8, 4, 8, 5);
      unet.initialize(manager, DataType.FLOAT64, new Shape(1));
      for (Map.Entry<String, Parameter> entry : Weights.parameters(unet).entrySet()) {
        NDArray array = entry.getValue().getArray();
        array.setName(null);
        NDArray value = value(manager, weights, entry.getKey());
        assertEquals(value.getShape(), array.getShape(), entry.getKey());
        value.copyTo(array);
      }
      NDArray embedding = manager.create(embedding(manager, weights, io), new Shape(2, 32));
      NDArray actual =
          unet.forward(
                  new ParameterStore(manager, false),
                  new NDList(
                      read(manager, io, "unet.x"),
                      embedding,
                      read(manager, io, "unet.context" + tokens)),
                  true)
              .head();
      NDArray expected = read(manager, io, "unet.out" + tokens);
      assertEquals(expected.getShape(), actual.getShape());
      double largest = expected.abs().max().getDouble();
      double difference = expected.sub(actual).abs().max().getDouble();
      assertTrue(difference < 2e-5 * largest, difference + " of " + largest);
      used.addAll(Set.of("time_embedding.linear_1.weight", "time_embedding.linear_1.bias"));
      used.addAll(Set.of("time_embedding.linear_2.weight", "time_embedding.linear_2.bias"));
      assertEquals(weights.names(), used);
    }
  }

  private static NDArray read(NDManager manager, Safetensors file, String name) throws IOException {
    return file.read(manager, name).toType(DataType.FLOAT64, true);
  }

  /** The value of one of our parameters. */
  private NDArray value(NDManager manager, Safetensors file, String name) throws IOException {
    NDList parts = new NDList();
    for (String theirs : theirs(name)) {
      used.add(theirs);
      parts.add(read(manager, file, theirs));
    }
    return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 0);
  }

  private static String[] theirs(String name) {
    Matcher at = PLACE.matcher(name);
    if (!at.matches()) {
      return new String[] {
        name.replace("in.conv.", "conv_in.")
            .replace("out.norm.", "conv_norm_out.")
            .replace("out.conv.", "conv_out.")
      };
    }
    int level = at.group(2).isEmpty() ? 0 : Integer.parseInt(at.group(2));
    String prefix =
        switch (at.group(1)) {
          case "down" -> "down_blocks." + level + ".";
          case "up" -> "up_blocks." + (CONFIG.levels().size() - 1 - level) + ".";
          default -> "mid_block.";
        };
    String rest = at.group(5);
    String place = at.group(4);
    return switch (at.group(3)) {
      case "resample" -> new String[] {prefix + at.group(1) + "samplers.0." + rest};
      case "block" -> new String[] {prefix + "resnets." + place + "." + residual(rest)};
      default -> attention(prefix + "attentions." + place + ".", rest);
    };
  }

  private static String residual(String name) {
    return name.replace("modulation.", "time_emb_proj.").replace("shortcut.", "conv_shortcut.");
  }

  private static String[] attention(String prefix, String name) {
    String block = prefix + "transformer_blocks.0.";
    if (name.equals("block0.self.qkv.weight")) {
      return new String[] {
        block + "attn1.to_q.weight", block + "attn1.to_k.weight", block + "attn1.to_v.weight"
      };
    }
    if (name.equals("block0.cross.kv.weight")) {
      return new String[] {block + "attn2.to_k.weight", block + "attn2.to_v.weight"};
    }
    for (Map.Entry<String, String> entry : ATTENTION.entrySet()) {
      if (name.startsWith(entry.getKey())) {
        return new String[] {prefix + entry.getValue() + name.substring(entry.getKey().length())};
      }
    }
    throw new IllegalArgumentException(name);
  }

  /** Cosines, then sines of the time step, two layers, and the SiLU that each block begins with. */
  private static double[] embedding(NDManager manager, Safetensors weights, Safetensors io)
      throws IOException {
    long[] steps = io.read(manager, "unet.t").toLongArray();
    double[] waves = new double[steps.length * 8];
    for (int i = 0; i < steps.length; i++) {
      for (int f = 0; f < 4; f++) {
        double angle = steps[i] * Math.exp(-Math.log(10_000) * f / 4);
        waves[8 * i + f] = Math.cos(angle);
        waves[8 * i + 4 + f] = Math.sin(angle);
      }
    }
    SlowTensor h = new SlowTensor(waves, steps.length, 8);
    for (String layer : new String[] {"linear_1", "linear_2"}) {
      String name = "time_embedding." + layer;
      h =
          h.linear(
                  SlowTensor.of(read(manager, weights, name + ".weight")),
                  SlowTensor.of(read(manager, weights, name + ".bias")))
              .silu();
    }
    return h.values();
  }
}
