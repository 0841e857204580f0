package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.viewset.SplitRule.Item;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SplitRuleTest {

  @Test
  void sharesAreAboutAsAsked() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 820; i++) {
      items.add(new Item("scene-" + i, "", "hash" + i));
    }
    Map<String, Split> splits = SplitRule.DEFAULT.assign(items);
    assertEquals(820, splits.size());
    long test = splits.values().stream().filter(split -> split == Split.TEST).count();
    long validation = splits.values().stream().filter(split -> split == Split.VALIDATION).count();
    assertTrue(test >= 80 && test <= 140, "test " + test);
    assertTrue(validation >= 40 && validation <= 95, "validation " + validation);
  }

  @Test
  void stemsLinkVariants() {
    assertEquals("chair", SplitRule.normalise("Chair"));
    assertEquals("chair", SplitRule.normalise("a/b\\CHAIR_02"));
    assertEquals("chair", SplitRule.normalise("chair-3 (1)".replace(")", "")));
    assertEquals("chair", SplitRule.normalise("kit/chair_01.obj"));
    assertEquals("chair2b", SplitRule.normalise("chair2b"));
    assertEquals("", SplitRule.normalise("0042"));
  }

  @Test
  void groupsAreConnectedThroughStemsAndMeshes() {
    // a–b by stem, b–c by mesh, c–d by stem; e alone; f and g have stems that say nothing.
    List<Item> items =
        new ArrayList<>(
            List.of(
                new Item("a", "chair_1", "m1"),
                new Item("b", "Chair_2", "m2"),
                new Item("c", "seat", "m2"),
                new Item("d", "seat-9", "m4"),
                new Item("e", "table", "m5"),
                new Item("f", "model", "m6"),
                new Item("g", "model", "m7"),
                new Item("h", "", "")));
    Map<String, List<String>> groups = SplitRule.groups(items);
    assertEquals(5, groups.size());
    assertTrue(groups.containsValue(List.of("a", "b", "c", "d")), groups.toString());
    assertTrue(groups.containsValue(List.of("h")));

    Collections.reverse(items);
    assertEquals(groups.keySet(), SplitRule.groups(items).keySet());
  }

  @Test
  void variantsNeverPart() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      items.add(new Item("id" + i, "kind" + (char) ('a' + i % 40 / 2) + "x_" + i, "mesh" + i));
    }
    Map<String, Split> splits = SplitRule.DEFAULT.assign(items);
    for (int i = 40; i < 400; i++) {
      assertEquals(splits.get("id" + i % 40), splits.get("id" + i));
    }
    assertTrue(splits.containsValue(Split.TRAIN));
  }

  @Test
  void anObjectKeepsItsSplitInAnotherSet() {
    Map<String, Split> alone = new java.util.HashMap<>();
    List<Item> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Item item = new Item("id" + i, "", "mesh" + i);
      all.add(item);
      alone.putAll(SplitRule.DEFAULT.assign(List.of(item)));
    }
    assertEquals(alone, SplitRule.DEFAULT.assign(all));
    assertNotEquals(1, alone.values().stream().distinct().count());
  }
}
