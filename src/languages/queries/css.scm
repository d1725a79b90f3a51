; CSS.
(rule_set (selectors (_) @name)) @rule
(keyframes_statement (keyframes_name) @name) @rule
((declaration (property_name) @name) @variable
  (#match? @name "^--"))

(import_statement (string_value) @module) @import
