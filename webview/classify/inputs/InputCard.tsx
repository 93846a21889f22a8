/** The picture that is classified, as the network sees it; painted over; or the pad to draw one. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { PictureSource } from '../../../protocol/sidecar';
import { Segments } from '../../shared/controls';
import { decodeBase64, paintPicture } from '../../shared/pixels';
import { PixelCanvas } from '../PixelCanvas';
import type { InputMode, Shown } from '../shown';
import { DrawingPad } from './DrawingPad';
import { type Painted, PaintOver } from './PaintOver';
import type { Sketch } from './sketch';

/** Of the picture's longer side, in CSS pixels. */
const side = 252;

interface InputCardProps {
  mode: InputMode;
  onMode: (mode: InputMode) => void;
  shown: Shown | null;
  painted: Painted;
  onPainted: (painted: Painted) => void;
  onKeepPainted: (picture: PictureSource) => void;
  /** The picture that is being painted or drawn; null: there is none. */
  onLive: (picture: (() => PictureSource) | null) => void;
  /** The drawing's id and marks. */
  drawing: string;
  sketch: Sketch;
  onSketch: (sketch: Sketch) => void;
  onDrawn: (png: string) => void;
  onNewDrawing: () => void;
}

export function InputCard(props: InputCardProps): VNode {
  const { mode, shown, drawing, onLive } = props;
  return (
    <section class="input-card" aria-label="Input">
      <Segments
        label="What to do with the picture"
        value={mode}
        segments={[
          { value: 'picture', text: 'Picture', hint: 'The picture as the network sees it' },
          { value: 'paint', text: 'What if', hint: 'Paint over a part of it and see the scores move' },
          { value: 'draw', text: 'Draw', hint: 'Draw a digit' },
        ]}
        onChange={props.onMode}
      />
      {mode === 'draw' ? (
        <DrawingPad
          key={drawing}
          sketch={props.sketch}
          size={side}
          onSketch={props.onSketch}
          onChange={(png) => onLive(png && (() => ({ kind: 'bytes', name: 'Drawing', data: png() })))}
          onRest={props.onDrawn}
          onNew={props.onNewDrawing}
        />
      ) : !shown ? (
        <p class="muted no-picture">No picture yet.</p>
      ) : mode === 'paint' ? (
        <PaintOver
          key={`${shown.picture} ${shown.result.input.width}×${shown.result.input.height}`}
          shown={shown}
          painted={props.painted}
          size={side}
          onPainted={props.onPainted}
          onChange={onLive}
          onKeep={props.onKeepPainted}
        />
      ) : (
        <Picture shown={shown} />
      )}
      {shown && <SeenAs shown={shown} small={mode === 'draw'} />}
    </section>
  );
}

function useImage({ result }: Shown): ImageData {
  const { pixels, width, height, channels } = result.input;
  return useMemo(
    () => paintPicture(decodeBase64(pixels), width, height, channels),
    [pixels, width, height, channels],
  );
}

function Picture({ shown }: { shown: Shown }): VNode {
  const { width, height } = shown.result.input;
  const scale = side / Math.max(width, height);
  return (
    <div class="picture">
      <PixelCanvas
        image={useImage(shown)}
        width={width * scale}
        height={height * scale}
        label={`${shown.imageName} as the network sees it, ${height}×${width} pixels`}
      />
    </div>
  );
}

/** In words what was done to the picture; beside the pad, also what came of the drawing. */
function SeenAs({ shown, small }: { shown: Shown; small: boolean }): VNode {
  const { width, height, channels, preprocessing } = shown.result.input;
  const scale = 84 / Math.max(width, height);
  const image = useImage(shown);
  return (
    <div class="seen-as">
      {small && (
        <PixelCanvas
          image={image}
          width={width * scale}
          height={height * scale}
          label={`${shown.imageName} as the network sees it`}
        />
      )}
      <p>
        <b>{shown.imageName}</b> as the network sees it{' '}
        <span class="number">
          {height}×{width}×{channels}
        </span>
        <br />
        <span class="muted">{preprocessing}</span>
      </p>
    </div>
  );
}
