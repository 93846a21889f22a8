import type { ComponentChildren, VNode } from 'preact';
import { Button, Segments } from '../shared/controls';
import { Icon } from '../shared/icons';
import type { ViewName } from './host';
import type { Viewport } from './viewport';

interface ToolbarProps {
  view: ViewName;
  onView: (view: ViewName) => void;
  viewport: Viewport;
  children: ComponentChildren;
}

export function Toolbar({ view, onView, viewport, children }: ToolbarProps): VNode {
  return (
    <div class="toolbar">
      <Segments<ViewName>
        label="View"
        value={view}
        segments={[
          {
            value: 'sheets',
            text: 'Feature maps',
            hint: 'Stacks of maps seen from the front, as LeNet-5 is drawn',
          },
          { value: 'boxes', text: 'Volumes', hint: 'Volumes in perspective, as AlexNet and VGG are drawn' },
          { value: 'graph', text: 'Graph', hint: 'Layers as nodes with shapes on the edges' },
        ]}
        onChange={onView}
      />
      <span class="tools">
        {children}
        <Button appearance="icon" label="Zoom out" onClick={() => viewport.zoomBy(0.8)}>
          <Icon name="zoomOut" />
        </Button>
        <span class="zoom number muted" aria-live="off">
          {Math.round(viewport.transform.zoom * 100)} %
        </span>
        <Button appearance="icon" label="Zoom in" onClick={() => viewport.zoomBy(1.25)}>
          <Icon name="zoomIn" />
        </Button>
        <Button appearance="icon" label="Fit to panel" onClick={() => viewport.fit()}>
          <Icon name="fit" />
        </Button>
      </span>
    </div>
  );
}
