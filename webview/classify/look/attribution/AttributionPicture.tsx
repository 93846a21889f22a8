/** The picture under its attribution, the attribution alone, and where it lies in words. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Classification } from '../../../../protocol/sidecar';
import { colorMaps } from '../../../shared/colorMaps';
import { formatPercent, formatValue } from '../../../shared/format';
import { decodeBase64, paintPicture } from '../../../shared/pixels';
import { PixelCanvas } from '../../PixelCanvas';
import { ColorBar } from '../ColorBar';
import { useReadout } from '../readout';
import { type AttributionMap, isSigned, ninths, paintOverlay, resample, strongest } from './overlay';

interface AttributionPictureProps {
  input: Classification['input'];
  map: AttributionMap;
  opacity: number;
  /** The class. */
  title: string;
}

/** The longer side of each picture, in CSS pixels. */
const side = 380;

export function AttributionPicture({ input, map, opacity, title }: AttributionPictureProps): VNode {
  const { pixels, width, height, channels } = input;
  const { say } = useReadout();
  const picture = useMemo(
    () => paintPicture(decodeBase64(pixels), width, height, channels),
    [pixels, width, height, channels],
  );
  // Pictures of few pixels are drawn finer, so that the overlay is smooth.
  const fineness = Math.max(1, Math.round(side / Math.max(width, height)));
  const [columns, rows] = [width * fineness, height * fineness];
  const fine = useMemo(
    () => resample(map.patch === undefined ? map : { ...map, patch: map.patch * fineness }, rows, columns),
    [map, rows, columns, fineness],
  );
  const most = useMemo(() => strongest(map), [map]);
  const colors = colorMaps[isSigned(map.method) ? 'diverging' : 'magma'];
  const overlay = useMemo(
    () => paintOverlay(fine, columns, most, colors, opacity),
    [fine, columns, most, colors, opacity],
  );
  const alone = useMemo(() => paintOverlay(fine, columns, most, colors), [fine, columns, most, colors]);
  const shares = useMemo(() => ninths(fine, columns), [fine, columns]);
  const scale = side / Math.max(width, height);
  const [shownWidth, shownHeight] = [width * scale, height * scale];
  const point = (at: { row: number; column: number } | null) =>
    say(
      at
        ? `row ${Math.floor(at.row / fineness)}, column ${Math.floor(at.column / fineness)}: ${formatValue(fine[at.row * columns + at.column] ?? Number.NaN)}`
        : '',
    );
  return (
    <div class="attribution-pictures">
      <figure>
        <div class="overlaid" style={{ width: `${shownWidth}px`, height: `${shownHeight}px` }}>
          <PixelCanvas image={picture} width={shownWidth} height={shownHeight} />
          <PixelCanvas
            image={overlay}
            width={shownWidth}
            height={shownHeight}
            label={`The picture; what speaks for ${title} is coloured`}
            onPoint={point}
          />
        </div>
        <figcaption>What speaks for {title}</figcaption>
      </figure>
      <figure>
        <PixelCanvas
          image={alone}
          width={shownWidth}
          height={shownHeight}
          label={`The attribution to ${title} alone`}
          onPoint={point}
        />
        <figcaption>
          <ColorBar range={{ min: isSigned(map.method) ? -most : 0, max: most }} colors={colors.name} />
          <span class="muted">
            {isSigned(map.method)
              ? 'blue speaks against the class, red for it'
              : 'bright speaks for the class'}
            {map.method === 'integratedGradients' && '; one pixel in a hundred is stronger than the ends say'}
          </span>
        </figcaption>
      </figure>
      <Ninths shares={shares} />
    </div>
  );
}

function Ninths({ shares }: { shares: number[] }): VNode {
  const rows = ['Top', 'Middle', 'Bottom'];
  return (
    <table class="data ninths">
      <caption>Where it lies: shares of what speaks for the class</caption>
      <thead>
        <tr>
          <td />
          {['left', 'centre', 'right'].map((column) => (
            <th key={column} scope="col" class="right">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, y) => (
          <tr key={row}>
            <th scope="row">{row}</th>
            {[0, 1, 2].map((x) => (
              <td key={x} class="right number">
                {formatPercent(shares[y * 3 + x]!, 0)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
