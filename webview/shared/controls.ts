/**
 * Buttons, drop-downs and the like. The only module that knows @vscode/webview-ui-toolkit, which is archived upstream:
 * replacing it means rewriting this file.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';
import { type ComponentChildren, h, type JSX } from 'preact';

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption(), vsCodeProgressRing());

export interface ButtonProps {
  onClick: () => void;
  appearance?: 'primary' | 'secondary' | 'icon';
  disabled?: boolean;
  /** For icon buttons, which have no text; also their tooltip. */
  label?: string;
  pressed?: boolean;
  /** For a button that opens something. */
  expanded?: boolean;
  class?: string;
  children?: ComponentChildren;
}

export function Button(props: ButtonProps): JSX.Element {
  const { onClick, appearance = 'secondary', disabled = false, label, pressed, expanded, children } = props;
  return h(
    'vscode-button',
    {
      appearance,
      disabled,
      onClick,
      class: props.class,
      title: label,
      'aria-label': label,
      ...(pressed === undefined ? {} : { 'aria-pressed': String(pressed) }),
      ...(expanded === undefined ? {} : { 'aria-expanded': String(expanded) }),
    },
    children,
  );
}

export interface DropdownProps<Value extends string> {
  label: string;
  value: Value;
  options: { value: Value; text: string }[];
  onChange: (value: Value) => void;
}

export function Dropdown<Value extends string>(props: DropdownProps<Value>): JSX.Element {
  const { label, value, options, onChange } = props;
  return h(
    'vscode-dropdown',
    {
      'aria-label': label,
      // The element forgets a value that is set before its options exist; a new key makes it anew with them.
      key: options.map((option) => option.value).join('\n'),
      'current-value': value,
      onchange: (event: Event) => onChange((event.currentTarget as HTMLInputElement).value as Value),
    },
    options.map((option) =>
      h(
        'vscode-option',
        { key: option.value, value: option.value, selected: option.value === value },
        option.text,
      ),
    ),
  );
}

export function ProgressRing({ label }: { label: string }): JSX.Element {
  return h('vscode-progress-ring', { 'aria-label': label, class: 'progress-ring' });
}

export interface SegmentsProps<Value extends string> {
  label: string;
  value: Value;
  segments: { value: Value; text: string; hint: string }[];
  onChange: (value: Value) => void;
}

/** A choice of few, all visible. The toolkit has none. */
export function Segments<Value extends string>(props: SegmentsProps<Value>): JSX.Element {
  const { label, value, segments, onChange } = props;
  return h(
    'div',
    { class: 'segments', role: 'group', 'aria-label': label },
    segments.map((segment) =>
      h(
        'button',
        {
          key: segment.value,
          type: 'button',
          title: segment.hint,
          'aria-pressed': segment.value === value,
          onClick: () => onChange(segment.value),
        },
        segment.text,
      ),
    ),
  );
}
