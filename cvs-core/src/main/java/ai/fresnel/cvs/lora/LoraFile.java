package ai.fresnel.cvs.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.fresnel.cvs.block.Lora;
import ai.fresnel.cvs.block.LoraConfig;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A file of a low-rank adapter, {@code lora.safetensors}, in the names of diffusers or of kohya.
 * Reading recognises the names by themselves. Files are untrusted: sizes are compared with the
 * network's before memory is taken.
 */
public final class LoraFile {

  /** The name of the file in a model's folder. */
  public static final String NAME = "lora.safetensors";

  private static final TorchFunction COPY =
      TorchFunction.of("target: Tensor, source: Tensor", "return torch.copy_(target, source)");

  private LoraFile() {}

  /**
   * Attaches the adapter of a file to a network. Products that the file does not name have no
   * delta.
   *
   * @param path the file
   * @param network an initialised network without an adapter
   * @param modules what the network's products are called in the file
   * @param alpha alpha of every delta where the file does not say it; empty for the rank, which is
   *     what other readers take then
   * @param manager owns the adapter's parameters, on its device
   * @return the adapter
   * @throws ModelFormatException if the file is damaged, or names or shapes are not the network's;
   *     nothing is attached then
   * @throws IOException if the file cannot be read
   */
  public static Lora attach(
      Path path, Block network, LoraModules modules, OptionalDouble alpha, NDManager manager)
      throws IOException {
    try (Safetensors file = Safetensors.open(path);
        NDManager scope = manager.newSubManager()) {
      LoraTensors tensors = LoraTensors.read(path.toString(), file, alpha);
      Map<String, List<Optional<LoraTensors.Module>>> found = tensors.match(network, modules);
      Map<String, LoraConfig> configs = new LinkedHashMap<>();
      for (Map.Entry<String, List<Optional<LoraTensors.Module>>> product : found.entrySet()) {
        configs.put(product.getKey(), tensors.config(product.getValue()));
      }
      Lora lora =
          Lora.attach(
              network, (name, hidden) -> Optional.ofNullable(configs.get(name)), manager, 0);
      try {
        fill(lora, found, tensors, scope);
      } catch (Throwable e) {
        lora.detach();
        throw e;
      }
      return lora;
    }
  }

  private static void fill(
      Lora lora,
      Map<String, List<Optional<LoraTensors.Module>>> found,
      LoraTensors tensors,
      NDManager scope)
      throws IOException {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      for (Map.Entry<String, List<Optional<LoraTensors.Module>>> product : found.entrySet()) {
        try (NDManager manager = scope.newSubManager()) {
          for (LoraNames.Part part : List.of(LoraNames.Part.DOWN, LoraNames.Part.UP)) {
            boolean down = part == LoraNames.Part.DOWN;
            String end = down ? ".lora_down" : ".lora_up";
            NDArray target = lora.parameters().get(product.getKey() + end).getArray();
            NDList values = new NDList();
            Shape shape = target.getShape();
            long rows = shape.get(0) / product.getValue().size();
            Shape each = new Shape(rows).addAll(shape.slice(1));
            for (Optional<LoraTensors.Module> module : product.getValue()) {
              values.add(
                  module.isPresent()
                      ? tensors.value(manager, module.get().tensor(part)).reshape(each)
                      : manager.zeros(each));
            }
            COPY.call(target, NDArrays.concat(values, 0)).close();
          }
        }
      }
    }
  }

  /**
   * Writes an adapter. The file is written under a temporary name and renamed.
   *
   * @param path the file; replaced if it exists
   * @param lora the adapter
   * @param network the network it is attached to
   * @param modules what the network's products are called in the file
   * @param names the naming
   * @throws IllegalArgumentException if a product has no name in the file, or the naming cannot say
   *     that its deltas differ in rank or alpha; nothing is written then
   * @throws IOException if writing fails; an older file stays
   */
  public static void write(
      Path path, Lora lora, Block network, LoraModules modules, LoraNames names)
      throws IOException {
    Map<String, Product> products = Lora.products(network);
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    List<String> written = new ArrayList<>();
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDManager manager = anyArray(lora).getManager().newSubManager()) {
      for (Map.Entry<String, LoraConfig> entry : lora.configs().entrySet()) {
        String product = entry.getKey();
        List<String> called = modules.of(product, products.get(product));
        if (called.isEmpty()) {
          throw new IllegalArgumentException(
              "product " + product + " has no name in files of adapters, expected one");
        }
        NDArray down = lora.parameters().get(product + ".lora_down").getArray();
        NDArray up = lora.parameters().get(product + ".lora_up").getArray();
        for (int i = 0; i < called.size(); i++) {
          String module = called.get(i);
          written.add(module);
          tensors.put(
              names.tensor(module, LoraNames.Part.DOWN), part(manager, down, i, called.size()));
          tensors.put(names.tensor(module, LoraNames.Part.UP), part(manager, up, i, called.size()));
          if (names == LoraNames.KOHYA) {
            tensors.put(
                names.tensor(module, LoraNames.Part.ALPHA),
                manager.create((float) entry.getValue().alpha()));
          }
        }
      }
      Map<String, String> metadata =
          names == LoraNames.PEFT
              ? LoraTensors.metadata(List.copyOf(lora.configs().values()), written)
              : Map.of();
      Safetensors.write(path, tensors, metadata);
    }
  }

  private static NDArray anyArray(Lora lora) {
    return lora.parameters().values().iterator().next().getArray();
  }

  private static NDArray part(NDManager manager, NDArray stack, int index, int count) {
    long rows = stack.getShape().get(0) / count;
    NDArray view = stack.stopGradient();
    view.attach(manager);
    NDArray part = view.get(new NDIndex().addSliceDim(index * rows, (index + 1) * rows));
    part.attach(manager);
    return part;
  }
}
