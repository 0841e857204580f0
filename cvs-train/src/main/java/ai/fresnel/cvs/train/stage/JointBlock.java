package ai.fresnel.cvs.train.stage;

import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.view.Outputs;
import java.util.LinkedHashSet;
import java.util.Set;

/** A student and the teacher that is trained beside it, on the same inputs. */
final class JointBlock extends TrainedBlock {

  /** The output of the teacher, D(x, sigma); all others are the student's. */
  static final String TEACHER = "teacher";

  private final DenoiserBlock student;
  private final DenoiserBlock teacher;

  JointBlock(DenoiserBlock student, DenoiserBlock teacher) {
    this.student = addChildBlock("student", student);
    this.teacher = addChildBlock("teacher", teacher);
  }

  @Override
  public Outputs run(ParameterStore store, StepInputs inputs) {
    Set<String> heads = new LinkedHashSet<>(inputs.labels().outputs());
    heads.removeAll(Set.of(Outputs.X0, TEACHER));
    Outputs outputs = student.run(store, inputs, heads);
    return outputs.with(TEACHER, teacher.run(store, inputs, Set.of()).x0());
  }
}
