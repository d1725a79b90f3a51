; Rust.
(function_item name: (identifier) @name) @function
(function_signature_item name: (identifier) @name) @function
(struct_item name: (type_identifier) @name) @class
(union_item name: (type_identifier) @name) @class
(enum_item name: (type_identifier) @name) @enum
(enum_variant name: (identifier) @name) @constant
(trait_item name: (type_identifier) @name) @interface
(impl_item type: [(type_identifier) @name (generic_type type: (type_identifier) @name) (scoped_type_identifier name: (type_identifier) @name)]) @impl
(mod_item name: (identifier) @name body: (_)) @module.def
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @variable
(type_item name: (type_identifier) @name) @type
(macro_definition name: (identifier) @name) @macro
(field_declaration name: (field_identifier) @name) @field

(call_expression function: (identifier) @call)
(call_expression function: (scoped_identifier name: (identifier) @call))
(call_expression function: (field_expression field: (field_identifier) @call))
(call_expression function: (generic_function function: (identifier) @call))
(call_expression function: (generic_function function: (scoped_identifier name: (identifier) @call)))
(macro_invocation macro: (identifier) @call)
(struct_expression name: (type_identifier) @type.use)
(impl_item trait: (type_identifier) @base)
(impl_item trait: (scoped_type_identifier name: (type_identifier) @base))
(parameter type: (type_identifier) @type.use)
(reference_type type: (type_identifier) @type.use)
(generic_type type: (type_identifier) @type.use)
(type_arguments (type_identifier) @type.use)
(field_declaration type: (type_identifier) @type.use)
(function_item return_type: (type_identifier) @type.use)
(scoped_type_identifier name: (type_identifier) @type.use)

(use_declaration argument: (_) @module) @import
(mod_item name: (identifier) @module !body) @import.mod
