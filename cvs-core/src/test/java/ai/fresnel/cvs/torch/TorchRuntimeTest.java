package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TorchRuntimeTest {

  private static Precision of(String... cpuInfo) {
    return TorchRuntime.fastestPrecision(Stream.of(cpuInfo));
  }

  @Test
  void bfloat16WhereTheProcessorHasIt() {
    assertEquals(
        Precision.BFLOAT16, of("processor\t: 0", "flags\t\t: fpu avx512f avx512_bf16 clzero"));
    assertEquals(Precision.BFLOAT16, of("flags\t\t: fpu amx_bf16 avx512_fp16 amx_tile"));
    assertEquals(Precision.FLOAT32, of("flags\t\t: fpu avx512f avx512_vnni avx512_bf16x"));
    assertEquals(Precision.FLOAT32, of("model name\t: avx512_bf16", "Features\t: fp asimd bf16"));
    assertEquals(Precision.FLOAT32, of());
    assertEquals(Precision.FLOAT32, TorchRuntime.fastestPrecision(Device.gpu(0)));
  }
}
