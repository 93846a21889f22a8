/** The head of a table of numbers: what each row is of, the numbers, and a bar. */
import type { VNode } from 'preact';

export function SumsHead({ of, numbers }: { of: string; numbers: readonly string[] }): VNode {
  return (
    <thead>
      <tr>
        <th scope="col">{of}</th>
        {numbers.map((title) => (
          <th key={title} scope="col" class="right">
            {title}
          </th>
        ))}
        <th scope="col">
          <span class="visually-hidden">Bar</span>
        </th>
      </tr>
    </thead>
  );
}
