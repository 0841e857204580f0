package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.examples.bench.NetworkReport;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.viewset.ViewSetInspector;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cvs inspect}: checks a view set or a model folder. */
@Command(
    name = "inspect",
    description = {
      "Describe and check a view set or a model folder.",
      "Exit status 1 if it is not fit for training or use."
    })
final class InspectVerb extends Verb {

  @Parameters(paramLabel = "DIR", description = "A view set or a model folder.")
  Path folder;

  @Override
  public Integer call() throws IOException {
    requireExists(folder);
    return Files.exists(folder.resolve(ModelFolder.CONFIG)) ? model() : viewSet();
  }

  private int viewSet() throws IOException {
    ViewSetInspector found = ViewSetInspector.inspect(folder);
    out().print(found.report());
    out().flush();
    return found.spoilsTraining() ? 1 : 0;
  }

  private int model() throws IOException {
    try (ModelFolder model = ModelFolder.open(folder);
        NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      List<String> broken = notFinite(model.weights(), manager);
      // A model with broken weights is not loaded; its parts can be told without.
      ViewModel network =
          broken.isEmpty() ? ViewModel.load(model, manager) : new ViewModel(model.config());
      ModelConfig config = model.config();
      Provenance origin = model.provenance();
      out().println("model       " + folder);
      out().println("name        " + config.name() + ", " + config.kind());
      out()
          .println(
              "images    "
                  + config.imageSize()
                  + "×"
                  + config.imageSize()
                  + " pixels, sigmaData "
                  + config.sigmaData());
      NetworkReport.print(out(), network);
      out().println("data        " + origin.data());
      out()
          .println(
              "training    "
                  + origin.steps()
                  + " steps, "
                  + origin.samplesSeen()
                  + " samples, seed "
                  + origin.seed()
                  + ", "
                  + origin.created());
      if (!origin.parent().isEmpty()) {
        out().println("parent      " + origin.parent());
      }
      origin.metrics().forEach((name, value) -> out().println("metric      " + name + " " + value));
      broken.stream()
          .limit(10)
          .forEach(name -> out().println("problem     " + name + " is not finite"));
      out()
          .println(
              "verdict     "
                  + (broken.isEmpty() ? "sound" : broken.size() + " weights are not finite"));
      return broken.isEmpty() ? 0 : 1;
    }
  }

  private static List<String> notFinite(Safetensors weights, NDManager manager) throws IOException {
    List<String> broken = new ArrayList<>();
    for (String name : weights.names()) {
      try (NDArray weight = weights.read(manager, name)) {
        if (weight.getDataType().isFloating() && !Weights.isFinite(weight)) {
          broken.add(name);
        }
      }
    }
    return broken;
  }
}
