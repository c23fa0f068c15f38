/* A long list of rows of one height: only those on the screen, and a few beside them, are in the page. */

import { html, useEffect, useLayoutEffect, useRef, useState } from "core/html.js";

const BESIDE = 6;

/**
 * `row(index, style)` draws one row, placed by its style. `onEnd` is called when the last rows come near. `current`
 * is kept in sight when it changes (-1: none).
 */
export function VirtualList({ count, height, row, onEnd, current = -1, label, empty }) {
  const box = useRef();
  const [range, setRange] = useState([0, 30]);
  const measure = () => {
    if (!box.current) return;
    const { scrollTop, clientHeight } = box.current;
    const first = Math.max(0, Math.floor(scrollTop / height) - BESIDE);
    const last = Math.min(count, Math.ceil((scrollTop + clientHeight) / height) + BESIDE);
    if (first !== range[0] || last !== range[1]) setRange([first, last]);
    if (last > count - 20) onEnd?.();
  };
  useLayoutEffect(measure, [count]);
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(box.current);
    return () => observer.disconnect();
  });
  useLayoutEffect(() => {
    if (current < 0) return;
    const top = current * height;
    const element = box.current;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height > element.scrollTop + element.clientHeight) element.scrollTop = top + height - element.clientHeight;
  }, [current]);
  const rows = [];
  for (let index = range[0]; index < Math.min(range[1], count); index += 1) rows.push(row(index, { top: `${index * height}px`, height: `${height}px` }));
  return html`<div class="virtual" ref=${box} onScroll=${measure} tabindex="-1">
    ${count === 0 ? empty : html`<ul class="virtual-inside" aria-label=${label} style=${{ height: `${count * height}px` }}>${rows}</ul>`}
  </div>`;
}
