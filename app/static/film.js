// The movement of an exercise, played: each drawing comes solved from the service, and this shows one after the other.
// Without this script, or until it has loaded, the two still pictures say the same. Whoever wants less motion starts it
// by the button.

const STEP = 60; // milliseconds for each drawing
const EASE = [900, 150, 120, 95, 75]; // at a position, and one to four drawings away from it: a body has weight
const SVG = "http://www.w3.org/2000/svg";

const box = document.getElementById("film");
const canvas = box.querySelector("svg");
const button = box.querySelector("button");
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

function path({ paint, lines }) {
  const drawn = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries(paint)) drawn.setAttribute(name, value);
  drawn.setAttribute("d", lines[0]);
  canvas.append(drawn);
  return { drawn, lines };
}

function player({ stops, paths }) {
  const last = stops.at(-1);
  const moving = paths.map(path).filter(({ lines }) => lines.length > 1);
  let at = 0;
  let way = 1;
  let waiting = 0;

  function step() {
    if (at + way < 0 || at + way > last) way = -way;
    at += way;
    for (const { drawn, lines } of moving) drawn.setAttribute("d", lines[at]);
    canvas.dataset.drawing = at;
    next();
  }
  function next() {
    const away = Math.min(...stops.map((stop) => Math.abs(stop - at)));
    waiting = setTimeout(step, EASE[away] ?? STEP);
  }
  function play(isOn) {
    clearTimeout(waiting);
    waiting = 0;
    if (isOn) next();
    button.textContent = isOn ? "Pause" : "Play";
  }
  return { play, isPlaying: () => Boolean(waiting) };
}

const answer = await fetch(box.dataset.film);
if (answer.ok) {
  const film = await answer.json();
  canvas.setAttribute("viewBox", film.viewBox);
  const { play, isPlaying } = player(film);
  box.hidden = false;
  play(!isCalm.matches);
  button.addEventListener("click", () => play(!isPlaying()));
  isCalm.addEventListener("change", () => isCalm.matches && play(false));
}
