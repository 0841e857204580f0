/**
 * Draws new views of an object from one photograph, on the JVM.
 *
 * <p>Start at {@link ai.fresnel.cvs.ViewSynthesizer}. The module reads DJL's API for its users as
 * well: images, devices and arrays are DJL's. A native library of PyTorch belongs on the class
 * path, also beside a module path: its jar has no valid module name.
 */
module ai.fresnel.cvs {
  requires transitive ai.djl.api;
  requires transitive java.management;
  requires ai.djl.pytorch_engine;
  requires transitive com.google.gson;
  // DJL's jars are automatic modules: they name nothing they need. It logs, and reads images.
  requires org.slf4j;
  requires java.desktop;

  exports ai.fresnel.cvs;
  exports ai.fresnel.cvs.background;
  exports ai.fresnel.cvs.block;
  exports ai.fresnel.cvs.checkpoint;
  exports ai.fresnel.cvs.codec;
  exports ai.fresnel.cvs.condition;
  exports ai.fresnel.cvs.cutout;
  exports ai.fresnel.cvs.diffusion;
  exports ai.fresnel.cvs.elevation;
  exports ai.fresnel.cvs.encoder;
  exports ai.fresnel.cvs.geometry;
  exports ai.fresnel.cvs.gltf;
  exports ai.fresnel.cvs.importer;
  exports ai.fresnel.cvs.json;
  exports ai.fresnel.cvs.lora;
  exports ai.fresnel.cvs.model;
  exports ai.fresnel.cvs.nn;
  exports ai.fresnel.cvs.resize;
  exports ai.fresnel.cvs.scene;
  exports ai.fresnel.cvs.splat;
  exports ai.fresnel.cvs.splat.file;
  exports ai.fresnel.cvs.surface;
  exports ai.fresnel.cvs.torch;
  exports ai.fresnel.cvs.view;
}
