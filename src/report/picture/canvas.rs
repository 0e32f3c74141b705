//! A sheet to draw on, in points from the upper left corner.
//!
//! The SVG backend knows whole pixels only, so everything is drawn `SCALE` times as large and the picture's size
//! divided by it at the end. Drawing goes to memory and cannot fail.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::palette::Colour;

/// Pixels of the drawing per point of the picture.
const SCALE: f64 = 10.0;

const IN_MEMORY: &str = "drawing in memory does not fail";

/// Which end of a text stands at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// The sheet.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// The SVG text of what `draw` draws on a sheet of `width` × `height` points.
pub fn drawn(width: u32, height: u32, draw: impl FnOnce(&Canvas<'_>)) -> String {
    let mut text = String::new();
    let size = (width * SCALE as u32, height * SCALE as u32);
    {
        let canvas = Canvas { area: SVGBackend::with_string(&mut text, size).into_drawing_area() };
        canvas.rect((0.0, 0.0), (f64::from(width), f64::from(height)), super::palette::PAPER, 1.0);
        draw(&canvas);
        canvas.area.present().expect(IN_MEMORY);
    }
    let large = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
    text.replacen(&large, &format!("width=\"{width}\" height=\"{height}\""), 1)
}

fn pixel((x, y): (f64, f64)) -> (i32, i32) {
    (libm::round(x * SCALE) as i32, libm::round(y * SCALE) as i32)
}

fn colour((red, green, blue): Colour, alpha: f64) -> RGBAColor {
    RGBColor(red, green, blue).mix(alpha)
}

impl Canvas<'_> {
    /// A filled rectangle between two corners.
    pub fn rect(&self, from: (f64, f64), to: (f64, f64), fill: Colour, alpha: f64) {
        let rectangle = Rectangle::new([pixel(from), pixel(to)], colour(fill, alpha).filled());
        self.area.draw(&rectangle).expect(IN_MEMORY);
    }

    /// A line through `points`, `width` points wide.
    pub fn line(&self, points: &[(f64, f64)], stroke: Colour, width: f64, alpha: f64) {
        if points.len() > 1 {
            let style = colour(stroke, alpha).stroke_width((width * SCALE) as u32);
            let path: Vec<(i32, i32)> = points.iter().copied().map(pixel).collect();
            self.area.draw(&PathElement::new(path, style)).expect(IN_MEMORY);
        }
    }

    /// A dashed horizontal line.
    pub fn dashes(&self, from: f64, to: f64, y: f64, stroke: Colour) {
        let mut x = from;
        while x < to {
            self.line(&[(x, y), ((x + 6.0).min(to), y)], stroke, 1.2, 1.0);
            x += 10.0;
        }
    }

    /// A filled polygon.
    pub fn polygon(&self, points: &[(f64, f64)], fill: Colour, alpha: f64) {
        if points.len() > 2 {
            let corners: Vec<(i32, i32)> = points.iter().copied().map(pixel).collect();
            self.area.draw(&Polygon::new(corners, colour(fill, alpha).filled())).expect(IN_MEMORY);
        }
    }

    /// A text of `size` points whose middle line is at y.
    pub fn text(&self, text: &str, at: (f64, f64), size: f64, ink: Colour, anchor: Anchor) {
        self.styled(text, at, size, ink, anchor, FontStyle::Normal);
    }

    /// The title of a vertical axis: upwards, with its middle at the position.
    pub fn upwards(&self, text: &str, at: (f64, f64), size: f64, ink: Colour) {
        let font = font(size, FontStyle::Normal).transform(FontTransform::Rotate270);
        self.written(text, at, font, ink, Anchor::Middle);
    }

    /// A bold text.
    pub fn title(&self, text: &str, at: (f64, f64), size: f64, ink: Colour) {
        self.styled(text, at, size, ink, Anchor::Start, FontStyle::Bold);
    }

    fn styled(&self, text: &str, at: (f64, f64), size: f64, ink: Colour, anchor: Anchor, style: FontStyle) {
        self.written(text, at, font(size, style), ink, anchor);
    }

    fn written(&self, text: &str, at: (f64, f64), font: FontDesc<'_>, ink: Colour, anchor: Anchor) {
        let horizontal = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let ink = colour(ink, 1.0);
        let style = TextStyle::from(font).color(&ink).pos(Pos::new(horizontal, VPos::Center));
        self.area.draw(&Text::new(text.to_owned(), pixel(at), style)).expect(IN_MEMORY);
    }
}

fn font(size: f64, style: FontStyle) -> FontDesc<'static> {
    // The backend divides the size of a font by 1.24 when it writes it.
    FontDesc::new(FontFamily::SansSerif, size * SCALE * 1.24, style)
}

/// A key to colours: boxes with words in a row from the left.
pub fn legend(canvas: &Canvas<'_>, at: (f64, f64), entries: &[(&str, Colour)]) {
    let mut x = at.0;
    for &(word, fill) in entries {
        canvas.rect((x, at.1 - 5.0), (x + 10.0, at.1 + 5.0), fill, 1.0);
        canvas.text(word, (x + 15.0, at.1), 12.0, super::palette::INK, Anchor::Start);
        x += 15.0 + 6.9 * word.chars().count() as f64 + 18.0;
    }
}
