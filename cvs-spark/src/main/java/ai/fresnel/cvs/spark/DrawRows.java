package ai.fresnel.cvs.spark;

import ai.djl.engine.EngineException;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.train.file.Guarded;
import ai.fresnel.cvs.train.image.PngBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/** Draws the rows of a partition, one photograph at a time, with the executor's model. */
final class DrawRows implements MapPartitionsFunction<Row, Row> {

  private static final long serialVersionUID = 1L;

  private final DrawSettings settings;

  DrawRows(DrawSettings settings) {
    this.settings = settings;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> tasks) throws IOException {
    if (!tasks.hasNext()) {
      return Collections.emptyIterator();
    }
    TaskContext context = TaskContext.get();
    // Spark runs as many tasks at once as cores allow: each operation takes its own task's cores.
    SharedModels.Lease model = SharedModels.EXECUTOR.lease(settings, context.cpus());
    TaskCompletionListener closing = ended -> model.close();
    context.addTaskCompletionListener(closing);
    return new Views(tasks, model.synthesizer(), context);
  }

  /** Draws when asked, so that a task holds one photograph and its views. */
  private final class Views implements Iterator<Row> {
    private final Iterator<Row> tasks;
    private final ViewSynthesizer synthesizer;
    private final TaskContext context;
    private Iterator<Row> drawn = Collections.emptyIterator();

    Views(Iterator<Row> tasks, ViewSynthesizer synthesizer, TaskContext context) {
      this.tasks = tasks;
      this.synthesizer = synthesizer;
      this.context = context;
    }

    @Override
    public boolean hasNext() {
      while (!drawn.hasNext() && tasks.hasNext()) {
        if (context.isInterrupted()) {
          throw new TaskKilledException("killed before the next photograph");
        }
        drawn = draw(new ViewTask(tasks.next())).iterator();
      }
      return drawn.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return drawn.next();
    }

    /**
     * A row for each view, or for what is wrong. Faults of the engine are those of the machine, not
     * of the photograph: they fail the task, and Spark tries it again.
     */
    private List<Row> draw(ViewTask task) {
      long start = System.nanoTime();
      List<byte[]> images;
      try {
        images = Guarded.run(() -> images(task));
      } catch (IOException e) {
        if (e.getCause() instanceof EngineException engine) {
          throw engine;
        }
        return failed(task, e.getMessage(), start);
      }
      double each = milliseconds(start) / images.size();
      List<Row> rows = new ArrayList<>();
      for (int view = 0; view < images.size(); view++) {
        rows.add(RowFactory.create(task.id(), view, images.get(view), null, each));
      }
      return rows;
    }

    private List<byte[]> images(ViewTask task) throws IOException {
      ViewResult result = synthesizer.generate(task.request(settings));
      List<byte[]> images = new ArrayList<>();
      for (ViewResult.View view : result.views()) {
        images.add(PngBytes.of(view.image()));
      }
      return images;
    }

    /** The reason stands in the row of each view that was asked for, or of none. */
    private List<Row> failed(ViewTask task, String reason, long start) {
      int count = task.targets().size();
      double each = milliseconds(start) / Math.max(1, count);
      List<Row> rows = new ArrayList<>();
      for (int view = 0; view < count; view++) {
        rows.add(RowFactory.create(task.id(), view, null, reason, each));
      }
      return count > 0 ? rows : List.of(RowFactory.create(task.id(), null, null, reason, each));
    }
  }

  private static double milliseconds(long start) {
    return (System.nanoTime() - start) / 1e6;
  }
}
