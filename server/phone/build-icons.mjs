/**
 * Makes one sprite of the icons that the pages use; a page shows one with
 * <svg class="icon"><use href="/static/built/icons.svg#weigh"></use></svg>.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Our name for the thing -> Lucide's name for its picture. */
const ICONS = {
  alert: "triangle-alert", arm: "biceps-flexed", arrow: "arrow-right", attendance: "clipboard-check", back: "arrow-left", bell: "bell",
  calendar: "calendar", camera: "camera", card: "qr-code", centre: "school", chart: "chart-line", check: "check",
  child: "baby", children: "users", clock: "clock", close: "door-closed", cross: "x", delete: "delete", device: "cpu",
  done: "circle-check", download: "download", eye: "eye", face: "scan-face", failed: "circle-x", form: "list-checks",
  health: "heart-pulse", height: "ruler", home: "house", info: "info", key: "key-round", language: "languages",
  lock: "lock", logout: "log-out", meal: "soup", message: "message-circle", minus: "minus", offline: "wifi-off",
  online: "wifi", open: "door-open", pencil: "pencil", person: "user", phone: "phone", place: "map-pin", plus: "plus",
  printer: "printer", ration: "shopping-bag", refresh: "refresh-cw", search: "search", server: "server", speak: "volume-2", stock: "package",
  syringe: "syringe", up: "upload", visit: "footprints", weigh: "weight", witness: "user-check",
};

/** Drawn for Aangan, in Lucide's manner. */
const OWN = {
  mother:
    '<circle cx="9.5" cy="7" r="4"/><path d="M2 21a7.5 7.5 0 0 1 10-7.06"/>' +
    '<circle cx="17.5" cy="14.5" r="2.5"/><path d="M13 21.5a4.5 4.5 0 0 1 9 0"/>',
};

const STROKE = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';

export async function iconSprite(folder) {
  const symbols = await Promise.all(
    Object.entries(ICONS).map(async ([name, lucide]) => {
      const svg = await readFile(join(folder, `${lucide}.svg`), "utf8");
      const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
      return `<symbol id="${name}" ${STROKE}>${body}</symbol>`;
    }),
  );
  for (const [name, body] of Object.entries(OWN)) symbols.push(`<symbol id="${name}" ${STROKE}>${body}</symbol>`);
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}
