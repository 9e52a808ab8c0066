/**
 * Text as a literal in Terraform: `${` and `%{` start templates there, even in JSON.
 * A function, because `$$` in a replacement string means `$` in JavaScript.
 */
export function escapeTemplate(text: string): string {
  return text.replace(/[$%](?=\{)/g, (sign) => sign + sign);
}
