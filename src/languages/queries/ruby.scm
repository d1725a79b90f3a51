; Ruby.
(class name: (_) @name) @class
(module name: (_) @name) @module.def
(method name: (_) @name) @method
(singleton_method name: (_) @name) @method
(assignment left: (constant) @name) @constant

(call method: (identifier) @call)
(superclass (constant) @base)
(superclass (scope_resolution name: (constant) @base))
((call method: (identifier) @loader arguments: (argument_list . (string (string_content) @module))) @import
  (#match? @loader "^require(_relative)?$"))
