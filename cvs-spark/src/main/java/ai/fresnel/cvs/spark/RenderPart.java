package ai.fresnel.cvs.spark;

import ai.fresnel.cvs.train.render.RenderPlan;
import ai.fresnel.cvs.train.render.RenderShard;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.Function;

/** Renders one part of a view set, as a task. */
class RenderPart implements Function<Integer, PartReport> {

  private static final long serialVersionUID = 1L;

  private final RenderShard set;
  private final int parts;

  RenderPart(RenderShard set, int parts) {
    this.set = set;
    this.parts = parts;
  }

  /** Returns the parts that make the set together. */
  final int parts() {
    return parts;
  }

  @Override
  public final PartReport call(Integer part) throws IOException {
    TaskContext context = TaskContext.get();
    RenderShard shard = set.withPart(part, parts);
    RenderPlan plan =
        new RenderShard(
                shard.source(),
                shard.job().withThreads(context.cpus()),
                shard.layout(),
                shard.depth(),
                shard.folder())
            .plan();
    Notes notes =
        new Notes() {
          @Override
          public void progressed(ViewSetRenderer.Progress progress) {
            if (context.isInterrupted()) {
              throw new TaskKilledException("killed after " + progress.done() + " objects");
            }
            RenderPart.this.progressed(progress);
          }
        };
    RenderShard.Result result = plan.render(notes);
    return new PartReport(
        part,
        plan.output().toString(),
        result.rendered(),
        result.skipped(),
        result.kept(),
        notes.lines);
  }

  /** Hears about the progress, between objects. */
  void progressed(ViewSetRenderer.Progress progress) {}

  /** Keeps the first notes. */
  static class Notes implements RenderShard.Listener {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void progressed(ViewSetRenderer.Progress progress) {}

    @Override
    public void noted(String line) {
      if (lines.size() < PartReport.MAX_NOTES) {
        lines.add(line);
      }
    }
  }
}
