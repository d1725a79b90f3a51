; inherits: ecma
; JavaScript, JSX included.
(field_definition property: (_) @name) @field
(class_heritage (identifier) @base)
(class_heritage (member_expression property: (property_identifier) @base))
(jsx_opening_element name: (identifier) @call)
(jsx_self_closing_element name: (identifier) @call)
