package ai.fresnel.cvs.spark;

import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.torch.Precision;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The models of a JVM, each loaded once and shared by all tasks that draw with it. A model that no
 * task has used for a while is closed: Spark tells nobody which task of a job is the last.
 */
final class SharedModels {

  /** The models of this executor. */
  static final SharedModels EXECUTOR = new SharedModels(Duration.ofMinutes(1));

  private final Duration patience;
  private final Map<Key, Shared> models = new HashMap<>();
  private final ScheduledExecutorService closer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "cvs-model-closer");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param patience how long a model without tasks is kept for the next one
   */
  SharedModels(Duration patience) {
    this.patience = patience;
  }

  private record Key(ModelSource model, Precision precision) {}

  private static final class Shared {
    private final ViewSynthesizer synthesizer;
    private int users;
    private ScheduledFuture<?> closing;

    Shared(ViewSynthesizer synthesizer) {
      this.synthesizer = synthesizer;
    }
  }

  /** A task's share in a model. */
  interface Lease extends AutoCloseable {

    ViewSynthesizer synthesizer();

    /** Gives the share back. Closing again is harmless. */
    @Override
    void close();
  }

  /**
   * Loads a model or shares it if it is loaded. Tasks that come while it is loaded wait.
   *
   * @param settings names the model and the precision
   * @param threads threads inside one operation. libtorch has one such number per process: that of
   *     the model loaded last
   * @throws IOException if the model cannot be loaded
   */
  synchronized Lease lease(DrawSettings settings, int threads) throws IOException {
    Key key = new Key(settings.model(), settings.precision());
    Shared shared = models.get(key);
    if (shared == null) {
      SynthesizerOptions options =
          SynthesizerOptions.defaults().withPrecision(settings.precision()).withThreads(threads);
      shared = new Shared(settings.model().load(options));
      models.put(key, shared);
    }
    if (shared.closing != null) {
      shared.closing.cancel(false);
      shared.closing = null;
    }
    shared.users++;
    return new OneLease(key, shared);
  }

  private final class OneLease implements Lease {
    private final Key key;
    private final Shared shared;
    private boolean returned;

    OneLease(Key key, Shared shared) {
      this.key = key;
      this.shared = shared;
    }

    @Override
    public ViewSynthesizer synthesizer() {
      return shared.synthesizer;
    }

    @Override
    public void close() {
      synchronized (SharedModels.this) {
        if (returned) {
          return;
        }
        returned = true;
        shared.users--;
        if (shared.users == 0) {
          shared.closing =
              closer.schedule(
                  () -> closeUnused(key, shared), patience.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    }
  }

  private synchronized void closeUnused(Key key, Shared shared) {
    if (shared.users == 0 && models.remove(key, shared)) {
      shared.synthesizer.close();
    }
  }
}
