package shop;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.ZooModel;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.ViewTranslatorFactory;
import ai.fresnel.cvs.geometry.CameraPose;
import java.nio.file.Path;
import java.util.List;

/** Draws views from a named module: with the bundled model, and with a folder by DJL's Criteria. */
public final class Shop {

  private Shop() {}

  /**
   * Draws.
   *
   * @param args a model folder to load through DJL's {@code Criteria}
   * @throws Exception if anything does not work on the module path
   */
  public static void main(String[] args) throws Exception {
    require(Shop.class.getModule().isNamed(), "the application runs on the class path");
    require(ViewSynthesizer.class.getModule().isNamed(), "CVS runs on the class path");
    Image photo = photo();
    CameraPose source = CameraPose.orbit(0, Math.toRadians(20), 1.7);
    CameraPose target = CameraPose.orbit(Math.toRadians(60), Math.toRadians(20), 1.7);
    try (ViewSynthesizer cvs = ViewSynthesizer.load()) {
      Image view = cvs.generateNovelView(photo, source, target);
      require(view.getWidth() == 64 && view.getHeight() == 64, "the view is not 64×64");
    }
    ViewRequest request = ViewRequest.of(Photograph.of(photo), source, List.of(target));
    try (ZooModel<ViewRequest, ViewResult> model =
            ViewTranslatorFactory.criteria(Path.of(args[0])).build().loadModel();
        var predictor = model.newPredictor()) {
      require(predictor.predict(request).views().size() == 1, "Criteria gives no view");
    }
    System.out.println("module path: views drawn by " + ViewSynthesizer.class.getModule());
  }

  /** A red box on white. */
  private static Image photo() {
    int[] argb = new int[200 * 160];
    for (int i = 0; i < argb.length; i++) {
      int x = i % 200;
      int y = i / 200;
      argb[i] = x > 50 && x < 150 && y > 40 && y < 130 ? 0xFFC02020 : 0xFFFFFFFF;
    }
    return ImageFactory.getInstance().fromPixels(argb, 200, 160);
  }

  private static void require(boolean condition, String failure) {
    if (!condition) {
      throw new IllegalStateException(failure);
    }
  }
}
