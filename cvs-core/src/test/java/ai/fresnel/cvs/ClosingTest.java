package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.ChildJava;
import ai.fresnel.cvs.view.TinyNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Closes what other threads draw with, a hundred times, in processes of their own: freed memory
 * that is still in use ends a process.
 */
class ClosingTest {

  private static final int ROUNDS = 100;
  private static final int THREADS = 8;
  private static final CameraPose SOURCE = CameraPose.orbit(0.4, 0.3, 1.7);
  private static final SynthesizerOptions CPU =
      SynthesizerOptions.defaults().withDevice(Device.cpu());

  @TempDir static Path folder;

  @BeforeAll
  static void writeModel() throws Exception {
    TinyNetwork.write(folder, TinyNetwork.config(2).kind(ModelConfig.Kind.CONSISTENCY).build());
  }

  /** Draws until that is refused, and returns how many views were drawn. */
  private interface Door extends AutoCloseable {
    void draw(ViewRequest request) throws Exception;

    @Override
    void close();
  }

  /** Closes doors while threads draw. */
  public static void main(String[] args) throws Exception {
    Path model = Path.of(args[1]);
    boolean synthesizer = args[0].equals("synthesizer");
    ExecutorService pool =
        Executors.newFixedThreadPool(
            THREADS,
            work -> {
              Thread thread = new Thread(work);
              thread.setDaemon(true); // a failure ends the process
              return thread;
            });
    int drawn = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Door door = synthesizer ? synthesizer(model) : predictors(model);
      CountDownLatch started = new CountDownLatch(THREADS);
      List<Future<Integer>> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        threads.add(pool.submit((Callable<Integer>) () -> drawUntilRefused(door, thread, started)));
      }
      started.await();
      Thread.sleep(0, ThreadLocalRandom.current().nextInt(1_000_000));
      threads.get(round % THREADS).cancel(true); // an interrupted thread draws on
      if (round % 4 == 0) {
        Thread.currentThread().interrupt();
      }
      door.close();
      Thread.interrupted();
      for (Future<Integer> thread : threads) {
        drawn += thread.isCancelled() ? 0 : thread.get();
      }
    }
    System.out.println(drawn > ROUNDS ? "closed" : "only " + drawn + " views drawn");
  }

  private static int drawUntilRefused(Door door, int thread, CountDownLatch started)
      throws Exception {
    int[] argb = new int[400];
    Arrays.fill(argb, 45, 300, 0xFF3050A0);
    ViewRequest request =
        ViewRequest.of(
                Photograph.of(ImageFactory.getInstance().fromPixels(argb, 20, 20)),
                SOURCE,
                Orbit.ring(1 + thread % 2).around(SOURCE))
            .withSteps(1 + thread % 4)
            .withBatchSize(1);
    started.countDown();
    for (int drawn = 0; ; drawn++) {
      try {
        door.draw(request);
      } catch (IllegalStateException | TranslateException e) {
        Throwable cause = e instanceof TranslateException ? e.getCause() : e;
        if (cause instanceof IllegalStateException && cause.getMessage().contains("closed")) {
          return drawn;
        }
        throw e;
      }
    }
  }

  private static Door synthesizer(Path model) throws Exception {
    ViewSynthesizer cvs = ViewSynthesizer.load(model, CPU);
    return new Door() {
      @Override
      public void draw(ViewRequest request) {
        cvs.generate(request);
      }

      @Override
      public void close() {
        cvs.close();
      }
    };
  }

  /** One predictor a thread; half of them are closed before the model, the rest never. */
  private static Door predictors(Path path) throws Exception {
    ZooModel<ViewRequest, ViewResult> model =
        ViewTranslatorFactory.criteria(path, CPU).build().loadModel();
    List<Predictor<ViewRequest, ViewResult>> all = new ArrayList<>();
    ThreadLocal<Predictor<ViewRequest, ViewResult>> mine =
        ThreadLocal.withInitial(
            () -> {
              synchronized (all) {
                Predictor<ViewRequest, ViewResult> predictor = model.newPredictor();
                all.add(predictor);
                return predictor;
              }
            });
    return new Door() {
      @Override
      public void draw(ViewRequest request) throws TranslateException {
        mine.get().predict(request);
      }

      @Override
      public void close() {
        synchronized (all) {
          all.subList(0, all.size() / 2).forEach(Predictor::close);
          model.close();
        }
      }
    };
  }

  @Test
  void aSynthesizerIsClosedWhileThreadsDraw() throws Exception {
    assertEquals(
        List.of("closed"), new ChildJava(ClosingTest.class).run("synthesizer", folder.toString()));
  }

  @Test
  void aModelIsClosedWhilePredictorsDraw() throws Exception {
    assertEquals(
        List.of("closed"), new ChildJava(ClosingTest.class).run("predictors", folder.toString()));
  }
}
