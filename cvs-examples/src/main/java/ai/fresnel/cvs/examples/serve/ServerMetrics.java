package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.examples.queue.BatchQueue;
import ai.fresnel.cvs.examples.session.PhotographStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;

/** What the server counts, as Prometheus reads it. */
final class ServerMetrics implements BatchQueue.Listener {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Timer passes =
      Timer.builder("cvs.pass")
          .description("Passes of the network, of all their views")
          .publishPercentileHistogram()
          .register(registry);
  private final DistributionSummary together =
      DistributionSummary.builder("cvs.pass.views")
          .description("Views that went through the network together")
          .serviceLevelObjectives(1, 2, 4, 8, 16)
          .register(registry);
  private final Timer views =
      Timer.builder("cvs.view")
          .description("Views from the request to the image")
          .publishPercentileHistogram()
          .register(registry);
  private final Counter stale =
      Counter.builder("cvs.views.stale")
          .description("Views that a newer pose replaced before they were drawn")
          .register(registry);

  ServerMetrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
  }

  /** Watches what waits and what is kept. */
  void watch(BatchQueue<?, ?> queue, PhotographStore store) {
    Gauge.builder("cvs.queue.length", queue, BatchQueue::length)
        .description("Views that wait for a pass")
        .register(registry);
    Gauge.builder("cvs.photographs", store, PhotographStore::size)
        .description("Photographs in memory")
        .register(registry);
  }

  @Override
  public void passed(int items, long nanoseconds) {
    passes.record(nanoseconds, TimeUnit.NANOSECONDS);
    together.record(items);
  }

  /** A view was drawn, encoded and is on its way. */
  void viewed(long nanoseconds) {
    views.record(nanoseconds, TimeUnit.NANOSECONDS);
  }

  /** A view was asked for and replaced before it was drawn. */
  void stale() {
    stale.increment();
  }

  /**
   * A request was answered. The route has no names of photographs in it: each would count alone.
   */
  void answered(String method, String route, int status) {
    registry
        .counter("cvs.http.requests", "method", method, "route", route, "status", "" + status)
        .increment();
  }

  /** Returns all as text. */
  String text() {
    return registry.scrape();
  }
}
