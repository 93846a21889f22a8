/**
 * Buttons, drop-downs and the like. The only module that knows @vscode/webview-ui-toolkit, which is archived upstream:
 * replacing it means rewriting this file.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { type ComponentChildren, h, type JSX } from 'preact';
import { useId } from 'preact/hooks';

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodeProgressRing(),
  vsCodeCheckbox(),
  vsCodeTextField(),
);

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

export interface CheckboxProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  children: ComponentChildren;
}

export function Checkbox({ checked, onChange, disabled = false, children }: CheckboxProps): JSX.Element {
  return h(
    'vscode-checkbox',
    {
      checked,
      disabled,
      // The element tells of changes that it was told itself, too.
      onchange: (event: Event) => {
        const now = (event.currentTarget as HTMLInputElement).checked;
        if (now !== checked) onChange(now);
      },
    },
    children,
  );
}

export interface TextFieldProps {
  value: string;
  onInput: (text: string) => void;
  placeholder?: string;
  /** What is wrong with the text; shown beneath it. */
  problem?: string | undefined;
  /** The label. */
  children: ComponentChildren;
}

/** One line of text with its label above. */
export function TextField({
  value,
  onInput,
  placeholder = '',
  problem,
  children,
}: TextFieldProps): JSX.Element {
  return h('div', { class: problem ? 'text-field invalid' : 'text-field' }, [
    h(
      'vscode-text-field',
      {
        value,
        placeholder,
        'aria-invalid': problem ? 'true' : undefined,
        oninput: (event: Event) => onInput((event.currentTarget as HTMLInputElement).value),
      },
      children,
    ),
    problem && h('p', { class: 'field-problem', role: 'alert' }, problem),
  ]);
}

export interface SegmentsProps<Value extends string> {
  label: string;
  /** None is pressed for one that is not among the segments. */
  value: Value | (string & {});
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

export interface SliderProps {
  value: number;
  min: number;
  max: number;
  step: number;
  /** Said instead of the number. */
  text: string;
  onInput: (value: number) => void;
  /** The label. */
  children: ComponentChildren;
}

/** A number by feel. The toolkit has none. */
export function Slider({ value, min, max, step, text, onInput, children }: SliderProps): JSX.Element {
  return h('label', { class: 'slider' }, [
    children,
    h('input', {
      type: 'range',
      value,
      min,
      max,
      step,
      'aria-valuetext': text,
      onInput: (event: Event) => onInput(Number((event.currentTarget as HTMLInputElement).value)),
    }),
  ]);
}

export interface SuggestionsProps {
  /** The text that stands there until people type. */
  value: string;
  suggestions: readonly string[];
  /** Called when people chose a suggestion or ended their text with Enter or by leaving. */
  onChoose: (text: string) => void;
  problem?: string | undefined;
  /** The label. */
  children: ComponentChildren;
}

/** A choice of very many, found by typing a part of it. The toolkit's drop-down is no match for a thousand. */
export function Suggestions(props: SuggestionsProps): JSX.Element {
  const { value, suggestions, onChoose, problem, children } = props;
  const id = useId();
  return h('div', { class: problem ? 'suggestions invalid' : 'suggestions' }, [
    h('label', { for: `${id}-input` }, children),
    h('input', {
      id: `${id}-input`,
      list: `${id}-list`,
      value,
      'aria-invalid': problem ? 'true' : undefined,
      // Else the list holds only what matches the text that is there.
      onFocus: (event: Event) => (event.currentTarget as HTMLInputElement).select(),
      onChange: (event: Event) => onChoose((event.currentTarget as HTMLInputElement).value),
    }),
    h(
      'datalist',
      { id: `${id}-list` },
      suggestions.map((suggestion) => h('option', { key: suggestion, value: suggestion })),
    ),
    problem && h('p', { class: 'field-problem', role: 'alert' }, problem),
  ]);
}
