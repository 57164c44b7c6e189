# Copyright: (c) 2026, mailops.mta contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person would see of the page that a browser shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browser.chromium import Browser

# WCAG 2.1, 1.4.3: contrast of text, and the luminance that it is computed from.
CONTRAST = 4.5
_COLOURS = """
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const luminance = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
  const ground = element => {
    const colour = parse(getComputedStyle(element).backgroundColor);
    if (colour[3] === 1) return colour.slice(0, 3);
    return over(colour, element.parentElement ? ground(element.parentElement) : [255, 255, 255]);
  };
  const opacity = element => element ? +getComputedStyle(element).opacity * opacity(element.parentElement) : 1;
"""
_TEXTS = """
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  const shown = {visibilityProperty: true, contentVisibilityAuto: true};
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.textContent.trim() || element.closest('svg, style, .label') || !element.checkVisibility(shown)) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    texts.push({node, element, text: node.textContent.trim(), boxes: [...range.getClientRects()]});
  }
"""


def _asked(browser: Browser, prelude: str, answer: str) -> Any:
    return browser.evaluate(f"(() => {{ {prelude} {answer} }})()")


def faint_texts(browser: Browser) -> list[str]:
    """Texts that do not stand out enough from what is behind them."""
    answer = f"""
      return texts.map(each => {{
        const below = ground(each.element), colour = parse(getComputedStyle(each.element).color);
        const seen = over([...colour.slice(0, 3), colour[3] * opacity(each.element)], below);
        const [low, high] = [luminance(seen), luminance(below)].sort((a, b) => a - b);
        return [each.text, (high + 0.05) / (low + 0.05)];
      }}).filter(each => each[1] < {CONTRAST}).map(each => `${{each[1].toFixed(1)}}: ${{each[0]}}`);"""
    return _asked(browser, _COLOURS + _TEXTS, answer)


def cut_texts(browser: Browser) -> list[str]:
    """Texts that reach out of the window or of what clips them; those with dots at their end are cut on purpose."""
    answer = """
      const clips = element => !element || getComputedStyle(element).overflowX !== 'visible'
        ? element : clips(element.parentElement);
      return texts.filter(each => {
        const clip = clips(each.element);
        if (clip && getComputedStyle(clip).textOverflow === 'ellipsis') return false;
        const edge = clip && clip.scrollWidth > clip.clientWidth && getComputedStyle(clip).overflowX === 'hidden'
          ? clip.getBoundingClientRect().right : innerWidth;
        const scrolls = clip && getComputedStyle(clip).overflowX === 'auto';
        return !scrolls && each.boxes.some(box => box.right > edge + 1 || box.left < -1);
      }).map(each => each.text);"""
    return _asked(browser, _TEXTS, answer)


def crushed_texts(browser: Browser) -> list[str]:
    """Texts of some length in lines of three characters or less."""
    answer = "return texts.filter(each => each.text.length > 8 && each.text.length < 4 * each.boxes.length)"
    return _asked(browser, _TEXTS, f"{answer}.map(each => each.text);")


def overlapping_texts(browser: Browser) -> list[str]:
    """Pairs of texts that lie upon each other by more than a pixel or two."""
    answer = """
      const boxes = texts.flatMap(each => each.boxes.map(box => ({box, text: each.text, element: each.element})))
        .filter(each => !each.element.closest('.head')).sort((one, other) => one.box.top - other.box.top);
      const found = [];
      boxes.forEach((one, number) => {
        for (const other of boxes.slice(number + 1)) {
          if (other.box.top > one.box.bottom) break;
          if (getComputedStyle(one.element).textOverflow === 'ellipsis') continue;
          const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          if (wide > 2 && high > 4) found.push(`${one.text} / ${other.text}`);
        }
      });
      return found;"""
    return _asked(browser, _TEXTS, answer)


def visible_text(browser: Browser) -> str:
    """All text that is in sight, a piece a line; what is in closed details is not."""
    return _asked(browser, _TEXTS, "return texts.map(each => each.text).join('\\n');")


def texts(browser: Browser, selector: str) -> list[str]:
    """The texts of the elements that a selector names."""
    return browser.evaluate(f"[...document.querySelectorAll({selector!r})].map(each => each.textContent.trim())")


def brightness(browser: Browser) -> float:
    """Luminance of the ground of the page, 0 (black) to 1 (white)."""
    return _asked(browser, _COLOURS, "return luminance(ground(document.body));")


def intrusions(browser: Browser, path: Path) -> list[str]:
    """Whatever a text from outside may have brought in: scripts, images, requests, dialogs, errors of a script."""
    found = browser.evaluate(
        "[...document.querySelectorAll('script, img, iframe, link, h1 ~ h1')].map(each => each.outerHTML)"
    )
    names = "[...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames())"
    found += browser.evaluate(f"{names}.filter(name => name.startsWith('on'))")
    urls = [event["request"]["url"] for event in browser.seen("Network.requestWillBeSent")]
    found += [url for url in urls if url != path.resolve().as_uri()]
    return found + [str(event) for event in browser.seen("Page.javascriptDialogOpening")]
