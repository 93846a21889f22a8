/** All pictures, small, each with what it is taken for. Arrow keys walk along, Enter looks inside, Delete removes. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Thumbnail } from '../../../protocol/sidecar';
import type { PictureTile } from '../../../protocol/webview';
import { Button } from '../../shared/controls';
import { formatPercent, plural } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { judge } from '../truth';
import { SmallPicture } from './SmallPicture';

interface StripProps {
  pictures: readonly PictureTile[];
  thumbnails: ReadonlyMap<string, Thumbnail>;
  selected: string | null;
  onSelect: (id: string) => void;
  onRemove: (id: string) => void;
  onRemoveAll: () => void;
}

export function Strip({
  pictures,
  thumbnails,
  selected,
  onSelect,
  onRemove,
  onRemoveAll,
}: StripProps): VNode {
  const list = useRef<HTMLUListElement>(null);
  const [focusable, setFocusable] = useState(selected);
  useEffect(() => {
    setFocusable(selected);
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [selected]);
  const reachable = pictures.some(({ id }) => id === focusable) ? focusable : pictures[0]?.id;

  const focus = (place: number) => {
    const target = pictures[Math.max(0, Math.min(pictures.length - 1, place))];
    if (!target) return;
    setFocusable(target.id);
    list.current?.querySelectorAll<HTMLElement>('.tile')[pictures.indexOf(target)]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, tile: PictureTile) => {
    const place = pictures.indexOf(tile);
    if (event.key === 'ArrowRight') focus(place + 1);
    else if (event.key === 'ArrowLeft') focus(place - 1);
    else if (event.key === 'Home') focus(0);
    else if (event.key === 'End') focus(pictures.length - 1);
    else if (event.key === 'Delete') {
      focus(place === pictures.length - 1 ? place - 1 : place + 1);
      onRemove(tile.id);
    } else return;
    event.preventDefault();
  };
  return (
    <section class="strip-of-pictures" aria-label="Pictures">
      <p class="strip-summary muted">
        <span>{summary(pictures)}</span>
        <Button onClick={onRemoveAll}>Remove all</Button>
      </p>
      <ul ref={list}>
        {pictures.map((tile) => (
          <li key={tile.id}>
            <button
              type="button"
              class={tile.failure === undefined ? 'tile' : 'tile failed'}
              aria-current={tile.id === selected ? 'true' : undefined}
              tabIndex={tile.id === reachable ? 0 : -1}
              title={`${tile.name}\n${tile.failure ?? tile.detail}`}
              onClick={() => onSelect(tile.id)}
              onKeyDown={(event) => onKeyDown(event, tile)}
            >
              <SmallPicture picture={thumbnails.get(tile.id)} failed={tile.failure !== undefined} />
              <span class="tile-name">{tile.name}</span>
              <Verdict tile={tile} />
            </button>
            <button
              type="button"
              class="tile-remove"
              tabIndex={-1}
              aria-label={`Remove ${tile.name}`}
              title="Remove (Delete)"
              onClick={() => onRemove(tile.id)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Verdict({ tile: { best, failure, truth } }: { tile: PictureTile }): VNode {
  if (failure !== undefined) return <span class="tile-class error-text">failed</span>;
  if (!best) return <span class="tile-class muted">…</span>;
  const judgement = truth === undefined ? 'unknown' : judge(best.label, truth);
  return (
    <span class={`tile-class ${judgement}`}>
      <b>{best.label}</b> <span class="number">{formatPercent(best.probability, 0)}</span>
      {judgement !== 'unknown' && (
        <span class="tile-truth" title={`It truly is ${truth}`}>
          <span aria-hidden="true">{judgement === 'right' ? ' ✓' : ` ✗ ${truth}`}</span>
          <span class="visually-hidden">{judgement === 'right' ? ', right' : `, wrong: it is ${truth}`}</span>
        </span>
      )}
    </span>
  );
}

/** `12 pictures, 9 of 10 with a known class are right`. */
function summary(pictures: readonly PictureTile[]): string {
  const judgements = pictures.map(({ truth, best }) =>
    truth === undefined || !best ? 'unknown' : judge(best.label, truth),
  );
  const right = judgements.filter((each) => each === 'right').length;
  const judged = judgements.filter((each) => each !== 'unknown').length;
  const failed = pictures.filter(({ failure }) => failure !== undefined).length;
  return [
    plural(pictures.length, 'picture'),
    ...(judged > 0 ? [`${right} of ${judged} with a known class right`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}
