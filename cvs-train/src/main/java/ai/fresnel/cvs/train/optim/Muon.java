package ai.fresnel.cvs.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Muon (Jordan et al. 2024): the momentum of a matrix is replaced by the nearest matrix with
 * orthogonal rows or columns before it is applied, so that all directions are learned at one speed
 * and not only those with large gradients. A convolution's kernel is the matrix of its outputs by
 * all its inputs. Updates are scaled by 0.2·√(longer side), which gives them the root mean square
 * of AdamW's, so one learning rate serves both (Liu et al. 2025, equation 4). Parameters that are
 * no products between hidden states are moved by {@link AdamW}.
 */
final class Muon implements ModelOptimizer {

  private static final double MOMENTUM = 0.95;
  private static final double SCALE = 0.2;

  /** Values of the matrices that are orthogonalised at once: small ones leave a GPU idle. */
  private static final long GROUP_VALUES = 1 << 21;

  private final TorchFunction function;
  private final NDManager manager;
  private final AdamW rest;
  private final Map<String, NDArray> matrices;
  private final Collection<NDArray> others;
  private final Map<String, NDArray> momenta = new LinkedHashMap<>();
  private final TrainingConfig config;
  private NDList arguments;
  private NDArray numbers;

  /**
   * @param manager owns the moments
   * @param parameters all that is trained
   * @param hidden the names among them that are products between hidden states, of two dimensions
   *     or more
   * @param config decay, clipping (of the rest: Muon does not see a gradient's length), and the
   *     precision of the orthogonalisation
   */
  Muon(
      NDManager manager,
      Map<String, NDArray> parameters,
      Iterable<String> hidden,
      TrainingConfig config) {
    this.manager = manager;
    this.config = config;
    matrices = new LinkedHashMap<>();
    Map<String, NDArray> remaining = new LinkedHashMap<>(parameters);
    // Those of one shape, which are moved together, lie side by side.
    Map<Shape, Map<String, NDArray>> shapes = new LinkedHashMap<>();
    for (String name : hidden) {
      NDArray matrix = remaining.remove(name);
      shapes.computeIfAbsent(matrix.getShape(), s -> new LinkedHashMap<>()).put(name, matrix);
    }
    shapes.values().forEach(matrices::putAll);
    others = remaining.values();
    rest = new AdamW(manager, remaining, config);
    matrices.forEach(
        (name, array) -> {
          NDArray momentum = array.zerosLike().stopGradient();
          momentum.attach(manager);
          momenta.put(name, momentum);
        });
    // Float16 has no room for the small numbers of a gradient.
    Precision precision = config.compute().precision();
    function = function(precision == Precision.FLOAT16 ? Precision.FLOAT32 : precision);
  }

  // o: the rest's gradients, for the norm of all; s and n: each group's scale of the update and how
  // many matrices it has; h: rate, decay, the gradients' scale. A slice of a list counts as a list
  // of new tensors, and what only writes to these is dropped: so p's are written to one by one.
  // Newton-Schulz: five steps of an odd polynomial, which brings all singular values near 1. Its
  // coefficients are Jordan's: steep at 0, and what they leave, 0.7 to 1.2, does as well as 1.
  private static TorchFunction function(Precision precision) {
    return TorchFunction.of(
        "p: List[Tensor], g: List[Tensor], m: List[Tensor], o: List[Tensor], "
            + "s: Tensor, n: Tensor, h: Tensor",
        String.format(
            Locale.ROOT,
            """
      norms = torch.add(torch._foreach_norm(g, 2), torch._foreach_norm(o, 2))
      norm = torch.div(torch.norm(torch.stack(norms, 0), 2), float(h[2]))
      if bool(torch.isfinite(norm)):
        if bool(torch.ne(h[2], 1)):
          torch._foreach_div_(g, float(h[2]))
        torch._foreach_lerp_(m, g, %1$s)
        torch._foreach_mul_(p, torch.sub(1., torch.mul(float(h[0]), float(h[1]))))
        first = 0
        for i in range(torch.size(n, 0)):
          count = int(n[i])
          last = torch.add(first, count)
          u = annotate(List[Tensor], [])
          for j in range(first, last, 1):
            q = torch.append(u, torch.lerp(g[j], m[j], %2$s))
          x = torch.to(torch.reshape(torch.stack(u, 0), [count, torch.size(u[0], 0), -1]), %3$d)
          tall = torch.gt(torch.size(x, 1), torch.size(x, 2))
          if tall:
            w = torch.transpose(x, 1, 2)
          else:
            w = x
          y = torch.div(w, torch.add(torch.norm(w, 2, [1, 2], True), 1.e-7))
          for k in range(5):
            a = torch.bmm(y, torch.transpose(y, 1, 2))
            b = torch.baddbmm(a, a, a, beta=-4.775, alpha=2.0315)
            y = torch.baddbmm(y, b, y, beta=3.4445, alpha=1.)
          if tall:
            z = torch.transpose(y, 1, 2)
          else:
            z = y
          shape = torch.add([count], torch.size(u[0]))
          update = torch.unbind(torch.to(torch.reshape(z, shape), ops.prim.dtype(u[0])), 0)
          step = torch.neg(torch.mul(float(h[0]), float(s[i])))
          for j in range(first, last, 1):
            q = torch.add_(p[j], update[torch.sub(j, first)], alpha=step)
          first = last
      else:
        torch._foreach_zero_(o)
      torch._foreach_zero_(g)
      return norm
      """,
            1 - MOMENTUM,
            MOMENTUM,
            precision.scalarType()));
  }

  @Override
  public double step(long step, double rate, double scale) {
    if (matrices.isEmpty()) {
      return rest.step(step, rate, scale);
    }
    double norm;
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      if (arguments == null) {
        arguments = gather();
      }
      numbers.set(new double[] {rate, config.optimization().weightDecay(), scale});
      try (NDArray result = function.callList(arguments).singletonOrThrow()) {
        norm = result.getFloat();
      }
    }
    if (Double.isFinite(norm)) {
      rest.step(step, rate, scale);
    }
    return norm;
  }

  private NDList gather() {
    NDList lists = new NDList();
    matrices.values().forEach(p -> lists.add(TensorLists.alias(p, "p[]")));
    for (NDArray matrix : matrices.values()) {
      NDArray gradient = matrix.getGradient();
      gradient.setName("g[]");
      lists.add(gradient);
    }
    momenta.values().forEach(a -> lists.add(TensorLists.alias(a, "m[]")));
    for (NDArray other : others) {
      NDArray gradient = other.getGradient();
      gradient.setName("o[]");
      lists.add(gradient);
    }
    List<Double> scales = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    Map<Shape, Integer> alike = new LinkedHashMap<>();
    matrices.values().forEach(matrix -> alike.merge(matrix.getShape(), 1, Integer::sum));
    alike.forEach(
        (shape, all) -> {
          long rows = shape.get(0);
          int most = (int) Math.max(1, GROUP_VALUES / shape.size());
          for (int left = all; left > 0; left -= most) {
            scales.add(SCALE * Math.sqrt((double) Math.max(rows, shape.size() / rows)));
            counts.add(Math.min(left, most));
          }
        });
    NDManager numbersManager = TensorLists.numbers(manager);
    lists.add(numbersManager.create(scales.stream().mapToDouble(Double::doubleValue).toArray()));
    lists.add(numbersManager.create(counts.stream().mapToInt(Integer::intValue).toArray()));
    numbers = numbersManager.create(new double[3]);
    lists.add(numbers);
    return lists;
  }

  @Override
  public Map<String, Map<String, NDArray>> state() {
    Map<String, Map<String, NDArray>> all = new LinkedHashMap<>(rest.state());
    all.put("muon.m", momenta);
    return all;
  }
}
