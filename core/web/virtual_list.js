/* A long list of rows of one height: only those on the screen, and a few beside them, are in the page. */

import { html, useEffect, useLayoutEffect, useRef, useState } from "core/html.js";

const BESIDE = 6;
const NEAR_END = 20;

/**
 * `row(index, top)` draws one row, placed `top` pixels below the first. `onEnd` is called when the last rows come near.
 * `place` is a signal of the row that is kept in sight when it changes (-1: none).
 */
export function VirtualList({ count, height, row, onEnd, place, label, empty }) {
  const current = place.value;
  const box = useRef();
  const seen = useRef({ top: 0, height: 900 }); // as last told: asking the page would make it lay itself out
  const [range, setRange] = useState([0, 20]);
  const show = () => {
    const { top, height: room } = seen.current;
    const first = Math.max(0, Math.floor(top / height) - BESIDE);
    const last = Math.min(count, Math.ceil((top + room) / height) + BESIDE);
    if (first !== range[0] || last !== range[1]) setRange([first, last]);
    if (last > count - NEAR_END) onEnd?.();
  };
  const latest = useRef();
  latest.current = show;
  useLayoutEffect(show, [count]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => { seen.current.height = entry.contentRect.height; latest.current(); });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const onScroll = () => { seen.current.top = box.current.scrollTop; latest.current(); };
  useLayoutEffect(() => {
    if (current < 0) return;
    const { top: from, height: room } = seen.current;
    const top = current * height;
    if (top < from) seen.current.top = top;
    else if (top + height > from + room) seen.current.top = top + height - room;
    else return;
    box.current.scrollTop = seen.current.top;
    show();
  }, [current]);
  const rows = [];
  for (let index = range[0]; index < Math.min(range[1], count); index += 1) rows.push(row(index, index * height));
  return html`<div class="virtual" ref=${box} onScroll=${onScroll} tabindex="-1">
    ${count === 0 ? empty : html`<ul class="virtual-inside" aria-label=${label} style=${{ height: `${count * height}px` }}>${rows}</ul>`}
  </div>`;
}
