package ai.fresnel.cvs.examples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Uses the page as a person would, in Chromium without a window and without a GPU. */
@Timeout(300)
class PageTest {

  private static final List<Path> CHROMIUM =
      List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"));
  private static final List<Path> DRIVER =
      List.of(Path.of("/usr/bin/chromedriver"), Path.of("/usr/lib/chromium/chromedriver"));

  private static final Duration PATIENCE = Duration.ofSeconds(100);

  @TempDir static Path folder;
  private static ViewSynthesizer cvs;
  private static ViewServer server;
  private static ChromeDriver browser;

  @BeforeAll
  static void open() throws Exception {
    Path chromium = CHROMIUM.stream().filter(Files::isExecutable).findFirst().orElse(null);
    Path driver = DRIVER.stream().filter(Files::isExecutable).findFirst().orElse(null);
    assumeTrue(
        chromium != null && driver != null,
        "no Chromium with its driver, expected Debian's packages chromium and chromium-driver");
    // Chromium is newer than what Selenium knows by name; nothing here needs that.
    Logger.getLogger("org.openqa.selenium").setLevel(Level.SEVERE);
    cvs = ViewSynthesizer.load(SynthesizerOptions.defaults().withDevice(Device.cpu()));
    server = ViewServer.start(cvs, ServeOptions.defaults().at("127.0.0.1", 0));
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.toString());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--window-size=1100,900",
        "--use-gl=angle",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader");
    options.setExperimentalOption("prefs", Map.of("download.default_directory", folder.toString()));
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder().usingDriverExecutable(driver.toFile()).build();
    browser = new ChromeDriver(service, options);
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.quit();
    }
    if (server != null) {
      server.close();
      cvs.close();
    }
  }

  private static WebElement find(String id) {
    return browser.findElement(By.id(id));
  }

  private static void await(String script) throws Exception {
    until(() -> Boolean.TRUE.equals(browser.executeScript("return !!(" + script + ")")));
  }

  private static void until(Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.call()) {
      assertTrue(System.nanoTime() < end, "waited too long");
      Thread.sleep(30);
    }
  }

  /** Waits for a view other than that, and returns its pixels. */
  private static String nextView(String before) throws Exception {
    until(() -> find("view").isDisplayed() && !view().isEmpty() && !view().equals(before));
    return view();
  }

  /** Returns the pixels of the view that is shown, as the page has them. */
  private static String view() {
    return (String)
        browser.executeScript(
            """
            const image = document.getElementById("view");
            if (!image.complete || !image.naturalWidth) return "";
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
            return Array.from(data).join();
            """);
  }

  private static byte[] downloaded(String name) throws Exception {
    Path file = folder.resolve(name);
    until(() -> Files.exists(file));
    return Files.readAllBytes(file);
  }

  @Test
  void aPhotographIsTurnedKeptAndSeenInDepth() throws Exception {
    browser.get(server.address());
    await("document.body.dataset.ready");

    // Upload.
    Path photograph = folder.resolve("chair.png");
    Files.write(photograph, Client.demo());
    find("file").sendKeys(photograph.toString());
    String first = nextView("");

    // Drag: another view, then another.
    WebElement frame = find("orbit");
    new Actions(browser).moveToElement(frame).clickAndHold().moveByOffset(-80, 0).perform();
    String second = nextView(first);
    new Actions(browser).moveByOffset(-120, 20).release().perform();
    nextView(second);
    // The keyboard: back to the photograph, which is drawn as it was.
    frame.sendKeys(Keys.HOME);
    await("document.getElementById('view').dataset.azimuth === '0'");
    String home = view();
    assertEquals(first, home);
    frame.sendKeys(Keys.ARROW_LEFT);
    String left = nextView(home);
    assertNotEquals(second, left);

    // With variety a seed changes the view, and repeats exactly.
    set("temperature", "1");
    String seed0 = nextView(left);
    set("seed", "7");
    String seed7 = nextView(seed0);
    set("seed", "0");
    assertEquals(seed0, nextView(seed7));

    // Downloads open.
    browser.findElement(By.cssSelector("[data-part=sheet]")).click();
    BufferedImage sheet = ImageIO.read(new ByteArrayInputStream(downloaded("sheet.png")));
    assertTrue(sheet.getWidth() > 500);

    // 3D: something is on the canvas, and the files of the splat come.
    find("tab-splat").click();
    await("document.getElementById('splat').dataset.splats");
    until(() -> coloursOnCanvas() > 20);
    assertTrue(find("splat-downloads").isDisplayed());
    browser.findElement(By.cssSelector("[data-format=splat]")).click();
    assertEquals(0, downloaded("splat.splat").length % 32);

    // The mask, painted: taking all away is refused in words.
    find("tab-mask").click();
    find("brush-clear").click();
    find("brush-apply").click();
    await("!document.getElementById('notice').hidden");
    assertTrue(find("notice").getText().contains("photograph shows nothing"));
    new Actions(browser)
        .moveToElement(find("brush"))
        .clickAndHold()
        .moveByOffset(40, 40)
        .release()
        .perform();
    find("brush-apply").click();
    await("document.getElementById('tab-view').getAttribute('aria-selected') === 'true'");
    assertTrue(find("photo-hint").getText().contains("masked by hand"));

    List<String> complaints = new ArrayList<>();
    browser.manage().logs().get(LogType.BROWSER).forEach(e -> complaints.add(e.getMessage()));
    assertEquals(List.of(), complaints);
  }

  /** Gives a control a value, as a hand would. */
  private static void set(String id, String value) {
    browser.executeScript(
        "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
            + " e.dispatchEvent(new Event('input', {bubbles: true}));",
        id,
        value);
  }

  private static long coloursOnCanvas() throws Exception {
    String png = find("splat").getScreenshotAs(OutputType.BASE64);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(png)));
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    return Arrays.stream(pixels).distinct().count();
  }

  @Test
  void thePageFitsATelephone() throws Exception {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 400, "height", 860, "deviceScaleFactor", 2, "mobile", true));
    browser.get(server.address());
    await("document.body.dataset.ready");
    long width = (Long) browser.executeScript("return document.documentElement.scrollWidth");
    assertEquals(400, width);
    for (WebElement button : browser.findElements(By.tagName("button"))) {
      if (button.isDisplayed()) {
        assertTrue(button.getSize().height >= 28, button::getText);
        assertFalse(button.getAccessibleName().isEmpty());
      }
    }
    browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
  }
}
