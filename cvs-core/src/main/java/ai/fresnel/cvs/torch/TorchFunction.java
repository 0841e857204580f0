package ai.fresnel.cvs.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A function of tensors, written in TorchScript and called from Java. A call crosses JNI once for
 * any number of operations. libtorch frees intermediates as soon as possible. The function is
 * differentiable like any other operation.
 *
 * <p>The source is the function's argument list and its body:
 *
 * <pre>{@code
 * TorchFunction silu = TorchFunction.of("x: Tensor", "return torch.silu(x)");
 * NDArray y = silu.call(x);
 * }</pre>
 *
 * <p>Functions are stateless and thread-safe. A function is compiled on first use, once per device,
 * and stays for the life of the process. Keep it in a static field.
 */
public final class TorchFunction {

  private static final Map<String, TorchFunction> INTERNED = new ConcurrentHashMap<>();

  private final String methods;
  private final Map<Device, PtSymbolBlock> compiled = new ConcurrentHashMap<>();

  private TorchFunction(String methods) {
    this.methods = methods;
  }

  /**
   * Returns the function with the given source; equal sources share one compiled function.
   *
   * @param arguments the arguments with their types, {@code "x: Tensor, weight: Tensor"}; a {@code
   *     List[Tensor]} takes the arrays whose names are {@code "<something>[]"}
   * @param body the lines of the body, without indentation of their own (nested blocks are indented
   *     relative to it); it ends with a {@code return}
   * @return the function
   */
  public static TorchFunction of(String arguments, String body) {
    return withHelpers("", arguments, body);
  }

  /**
   * Returns a function that may call helper methods as {@code self.name(...)}.
   *
   * @param helpers complete methods, as made by {@link #helper}, one after another
   * @param arguments the arguments with their types
   * @param body the lines of the body
   * @return the function
   */
  public static TorchFunction withHelpers(String helpers, String arguments, String body) {
    String source = helpers + helper("forward", arguments, "Tensor", body);
    return INTERNED.computeIfAbsent(source, TorchFunction::new);
  }

  /**
   * Returns a function whose result is a list of tensors, to be called with {@link #callList}.
   *
   * @param arguments the arguments with their types
   * @param body the lines of the body
   * @return the function
   */
  public static TorchFunction ofList(String arguments, String body) {
    String source = helper("forward", arguments, "List[Tensor]", body);
    return INTERNED.computeIfAbsent(source, TorchFunction::new);
  }

  /**
   * Writes one method of a module.
   *
   * @param name the method's name
   * @param arguments the arguments with their types, without {@code self}
   * @param result the result's type
   * @param body the lines of the body
   * @return the method's source
   */
  public static String helper(String name, String arguments, String result, String body) {
    StringBuilder out = new StringBuilder("  def ").append(name).append("(self: __torch__.W");
    if (!arguments.isBlank()) {
      out.append(", ").append(arguments.strip());
    }
    out.append(") -> ").append(result).append(":\n");
    body.strip().lines().forEach(line -> out.append("    ").append(line).append('\n'));
    return out.toString();
  }

  /**
   * Calls the function.
   *
   * @param inputs the arguments in order; at least one
   * @return the result, attached to the manager of the first argument
   */
  public NDArray call(NDArray... inputs) {
    return callList(new NDList(inputs)).singletonOrThrow();
  }

  /**
   * Calls the function and attaches its result to a chosen manager.
   *
   * @param manager the manager that will own the result
   * @param inputs the arguments in order; at least one
   * @return the result, attached to {@code manager}
   */
  public NDArray call(NDManager manager, NDList inputs) {
    NDArray result = callList(inputs).singletonOrThrow();
    if (result.getManager() != manager) {
      result.attach(manager);
    }
    return result;
  }

  /**
   * Calls the function.
   *
   * @param inputs the arguments in order; at least one
   * @return the results, attached to the manager of the first argument
   */
  public NDList callList(NDList inputs) {
    // Always pass training = true: false would make inference tensors, which autograd cannot use
    // later. The gradient mode decides whether a graph is recorded.
    TorchRuntime.useInterpreter();
    return IValueUtils.forward(block(inputs.get(0).getDevice()), inputs, true);
  }

  private PtSymbolBlock block(Device device) {
    return compiled.computeIfAbsent(device, this::compile);
  }

  private PtSymbolBlock compile(Device device) {
    PtNDManager manager =
        (PtNDManager) Objects.requireNonNull(TorchRuntime.functionManager(device));
    try (ByteArrayInputStream in = new ByteArrayInputStream(TorchScriptArchive.of(methods))) {
      return JniUtils.loadModule(manager, in, false, false);
    } catch (IOException e) {
      throw new UncheckedIOException("reading an archive in memory failed", e);
    }
  }

  /** Returns the TorchScript source of the module's methods, for exporters and error messages. */
  @Override
  public String toString() {
    return methods;
  }
}
