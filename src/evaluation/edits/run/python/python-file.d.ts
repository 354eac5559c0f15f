// The program that compares Python functions is imported as its text (bun: `with { type: "text" }`).
declare module "*.py" {
  const text: string;
  export default text;
}
