package ai.fresnel.cvs.train.monitor;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A diagram of {@link Curves}, with lines over the samples seen. */
final class Panel {

  private static final Color GRID = new Color(0xdddddd);
  private static final double PIXELS_A_DECADE = 400;
  private static final Color TEXT = new Color(0x333333);

  private final boolean logarithmic;
  private final XYChart chart;
  private int series;
  private double lowest = Double.POSITIVE_INFINITY;
  private double highest = Double.NEGATIVE_INFINITY;

  Panel(String title, boolean logarithmic) {
    this.logarithmic = logarithmic;
    chart = new XYChartBuilder().title(title).xAxisTitle("samples seen").build();
    var style = chart.getStyler();
    style.setChartBackgroundColor(Color.WHITE);
    style.setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false);
    style.setPlotGridLinesColor(GRID);
    style.setPlotGridLinesStroke(new BasicStroke(1f));
    style.setChartTitleBoxVisible(false);
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    style.setChartFontColor(TEXT);
    style.setAxisTickLabelsColor(TEXT);
    style.setAxisTickMarksColor(GRID);
    style.setLegendPosition(Styler.LegendPosition.OutsideE);
    style.setLegendBorderColor(Color.WHITE);
    style.setLegendSeriesLineLength(22);
    style.setLocale(Locale.ROOT);
    style.setXAxisMin(0.0);
    style.setxAxisTickLabelsFormattingFunction(Panel::count);
    if (logarithmic) {
      // With a label function, this axis would be labelled like a linear one.
      style.setYAxisLogarithmic(true);
      style.setYAxisDecimalPattern("0.####");
    } else {
      style.setYAxisMin(0.0);
      style.setyAxisTickLabelsFormattingFunction(Panel::number);
    }
  }

  /** Adds a line with a name for the legend. */
  void line(String name, RunCurve curve, Color color) {
    XYSeries line = add(name, curve);
    if (line != null) {
      line.setLineColor(color).setLineWidth(2.2f);
      line.setMarker(SeriesMarkers.NONE);
    }
  }

  /** Adds a thin faint line without a name. */
  void faint(RunCurve curve, Color color, float share) {
    XYSeries line = add("raw " + series, curve);
    if (line != null) {
      line.setLineColor(
          new Color(
              mix(color.getRed(), share),
              mix(color.getGreen(), share),
              mix(color.getBlue(), share)));
      line.setLineWidth(1f);
      line.setMarker(SeriesMarkers.NONE);
      line.setShowInLegend(false);
    }
  }

  /** Adds a dashed line with a dot at each point. */
  void dots(String name, RunCurve curve, Color color) {
    XYSeries line = add(name, curve);
    if (line != null) {
      line.setLineColor(color).setLineWidth(1.2f);
      line.setLineStyle(
          new BasicStroke(
              1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {5, 4}, 0));
      line.setMarker(SeriesMarkers.CIRCLE);
      line.setMarkerColor(color);
    }
  }

  void hideLegend() {
    chart.getStyler().setLegendVisible(false);
  }

  boolean isEmpty() {
    return series == 0;
  }

  void paint(Graphics2D g, int x, int y, int width, int height) {
    if (isEmpty()) {
      return;
    }
    if (logarithmic) {
      logarithmicAxis(height);
    } else {
      chart.getStyler().setYAxisMax(highest > 0 ? highest * 1.05 : 1);
    }
    Graphics2D part = (Graphics2D) g.create(x, y, width, height);
    chart.paint(part, width, height);
    part.dispose();
  }

  /** Labels 1 to 9 of each decade if there is room, or whole decades only. */
  private void logarithmicAxis(int height) {
    double low = Math.log10(lowest);
    double high = Math.log10(highest);
    boolean decadesOnly = high - low > height / PIXELS_A_DECADE;
    var style = chart.getStyler();
    style.setYAxisLogarithmicDecadeOnly(decadesOnly);
    style.setYAxisMin(decadesOnly ? Math.pow(10, Math.floor(low)) : lowest / 1.1);
    style.setYAxisMax(decadesOnly ? Math.pow(10, Math.ceil(high)) : highest * 1.1);
  }

  private XYSeries add(String name, RunCurve curve) {
    RunCurve shown = (logarithmic ? curve.positive() : curve).thinned();
    if (shown.isEmpty()) {
      return null;
    }
    series++;
    for (double value : shown.values()) {
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    return chart.addSeries(name, shown.samples(), shown.values());
  }

  private static int mix(int channel, float share) {
    return Math.round(255 + share * (channel - 255));
  }

  /**
   * Formats 1500000 as 1.5M. Negative labels are empty, since the axis begins a little before 0.
   */
  private static String count(double value) {
    if (value < 0) {
      return " "; // an empty label cannot be drawn
    }
    if (value >= 1e6) {
      return number(value / 1e6) + "M";
    }
    return value >= 1e3 ? number(value / 1e3) + "k" : number(value);
  }

  /** Formats up to four digits without trailing zeros. */
  private static String number(double value) {
    double size = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    if (size < 1e-3 || size >= 1e5) {
      return String.format(Locale.ROOT, "%.1e", value).replaceAll("(\\.0)?e([+-])0", "e$2");
    }
    String plain = String.format(Locale.ROOT, "%.4f", value);
    return plain.replaceAll("\\.?0+$", "");
  }
}
