/** Which file a drawing becomes. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExportFormat, ExportOptions, ExportTheme } from '../../../protocol/webview';
import { Button, Segments } from '../controls';
import { Icon } from '../icons';

interface ExportMenuProps {
  /** What is exported: `the diagram`. */
  what: string;
  formats: readonly ExportFormat[];
  onSave: (options: ExportOptions) => Promise<void>;
  onCopy: (options: ExportOptions) => Promise<void>;
}

const names: Record<ExportFormat, string> = { svg: 'SVG', png: 'PNG', tikz: 'TikZ', mermaid: 'Mermaid' };
const hints: Record<ExportFormat, string> = {
  svg: 'For papers and web pages; text stays text',
  png: 'For slides and chats',
  tikz: 'For LaTeX; compiles with pdflatex',
  mermaid: 'For Markdown, as on GitHub',
};

export function ExportMenu({ what, formats, onSave, onCopy }: ExportMenuProps): VNode {
  const [isOpen, setIsOpen] = useState(false);
  const [format, setFormat] = useState<ExportFormat>('svg');
  const [theme, setTheme] = useState<ExportTheme>('screen');
  const [scale, setScale] = useState('2');
  const [status, setStatus] = useState('');
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isOpen) menu.current?.querySelector<HTMLElement>('button')?.focus();
  }, [isOpen]);
  const run = (action: (options: ExportOptions) => Promise<void>, done: string) => {
    setStatus('…');
    action({ format, theme, scale: Number(scale) }).then(
      () => setStatus(done),
      (error: unknown) => setStatus(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what the button inside opened.
    <div
      class="export"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.stopPropagation();
        setIsOpen(false);
        (event.currentTarget.firstElementChild as HTMLElement | null)?.focus();
      }}
    >
      <Button
        appearance="icon"
        label={`Export ${what}`}
        expanded={isOpen}
        onClick={() => {
          setIsOpen(!isOpen);
          setStatus('');
        }}
      >
        <Icon name="save" />
      </Button>
      {isOpen && (
        <div ref={menu} class="export-menu" role="dialog" aria-label={`Export ${what}`}>
          <Segments<ExportFormat>
            label="Format"
            value={format}
            segments={formats.map((value) => ({
              value,
              text: names[value],
              hint: hints[value],
            }))}
            onChange={setFormat}
          />
          <p class="muted">{hints[format]}</p>
          {format !== 'mermaid' && (
            <Segments<ExportTheme>
              label="Colours"
              value={theme}
              segments={[
                { value: 'screen', text: 'As here', hint: 'The colours of this window' },
                { value: 'light', text: 'Light', hint: 'Dark on white' },
                { value: 'dark', text: 'Dark', hint: 'Light on black' },
                { value: 'print', text: 'Print', hint: 'Black text, no shades that printers lose' },
              ]}
              onChange={setTheme}
            />
          )}
          {format === 'png' && (
            <Segments<string>
              label="Scale"
              value={scale}
              segments={['1', '2', '3', '4'].map((value) => ({
                value,
                text: `${value}×`,
                hint: `${value} pixels for each of the drawing's`,
              }))}
              onChange={setScale}
            />
          )}
          <div class="export-actions">
            <Button appearance="primary" onClick={() => run(onSave, '')}>
              Save…
            </Button>
            <Button onClick={() => run(onCopy, 'Copied')}>Copy</Button>
            <span role="status">{status}</span>
          </div>
        </div>
      )}
    </div>
  );
}
