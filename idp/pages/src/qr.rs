//! Pictures that cameras read, as SVG: no image is loaded, so no policy has to allow one.

use std::fmt::{self, Write as _};

use qrcode::QrCode;
use qrcode::types::Color;

/// A picture; nothing where the text is too long for one.
#[derive(Clone, Debug)]
pub(crate) struct Svg(Option<String>);

/// It is made of digits and letters of our own, whatever the text says.
impl askama::filters::HtmlSafe for Svg {}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or_default())
    }
}

/// The quiet zone around it (ISO/IEC 18004 section 6.3.8).
const MARGIN: usize = 4;

/// Draws a text: dark squares on light ground in both themes, as cameras want it.
pub(crate) fn svg(text: &str) -> Svg {
    let Ok(code) = QrCode::new(text.as_bytes()) else { return Svg(None) };
    let (width, colors) = (code.width(), code.to_colors());
    let side = width + 2 * MARGIN;
    let mut path = String::new();
    for (row, line) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = line.iter().skip(x).take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                // Writing to memory cannot fail.
                write!(path, "M{} {}h{run}v1h-{run}z", x + MARGIN, row + MARGIN).unwrap_or_default();
            }
            x += run.max(1);
        }
    }
    Svg(Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-labelledby=\"qr-label\" shape-rendering=\"crispEdges\">\
         <path class=\"ground\" d=\"M0 0h{side}v{side}H0z\"/><path class=\"ink\" d=\"{path}\"/></svg>"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_holds_nothing_of_the_text() {
        let drawn = svg("otpauth://totp/<script>").to_string();
        assert!(drawn.starts_with("<svg") && drawn.contains("M4 4h7v1h-7z"), "the first corner mark: {drawn}");
        assert!(!drawn.contains("script"));
    }

    #[test]
    fn what_does_not_fit_is_no_picture() {
        assert_eq!(svg(&"x".repeat(5_000)).to_string(), "");
    }
}
