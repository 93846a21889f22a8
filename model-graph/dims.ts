export class Symbolic {}
export type Dim = number | null | Symbolic;
export type Quantity = number | Symbolic;
export type Shape = Dim[];
