"""The agreement file: everything a provider promises, as one YAML file that people can read and write."""
