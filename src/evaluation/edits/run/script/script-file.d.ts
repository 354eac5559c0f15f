// The program that compares functions of scripts is imported as its text (bun: `with { type: "text" }`).
declare module "*.js" {
  const text: string;
  export default text;
}
