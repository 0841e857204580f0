package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * A student and the teacher that is trained beside it, on the same inputs. Outputs: f(x, sigma) of
 * the one, what its heads say, and D(x, sigma) of the other, which has no heads.
 */
final class JointBlock extends AbstractBlock {

  private final DenoiserBlock student;
  private final DenoiserBlock teacher;

  JointBlock(DenoiserBlock student, DenoiserBlock teacher) {
    this.student = addChildBlock("student", student);
    this.teacher = addChildBlock("teacher", teacher);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDList outputs = new NDList(student.forward(store, inputs, training));
    outputs.addAll(teacher.forward(store, inputs, training));
    return outputs;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
    student.initialize(manager, dataType, inputShapes);
    teacher.initialize(manager, dataType, inputShapes);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0], inputShapes[0]};
  }
}
