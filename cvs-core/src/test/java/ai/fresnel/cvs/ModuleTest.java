package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that the module exports every package. */
class ModuleTest {

  @Test
  void everyPackageIsExported() throws Exception {
    Path classes =
        Path.of(ViewSynthesizer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module;
    try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
      module = ModuleDescriptor.read(in);
    }
    assertEquals("ai.fresnel.cvs", module.name());
    TreeSet<String> exported = new TreeSet<>();
    for (ModuleDescriptor.Exports exports : module.exports()) {
      assertFalse(exports.isQualified(), exports.source());
      exported.add(exports.source());
    }
    TreeSet<String> packages = new TreeSet<>();
    try (Stream<Path> files = Files.walk(classes.resolve("ai"))) {
      files
          .filter(file -> file.toString().endsWith(".class"))
          .map(file -> classes.relativize(file.getParent()).toString().replace('/', '.'))
          .forEach(packages::add);
    }
    assertEquals(packages, exported, "packages of cvs-core, and exports of module-info.java");
  }
}
