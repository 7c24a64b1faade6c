"""Texts as lines: split, folded for matching, tracked as they are cut, and joined again."""
