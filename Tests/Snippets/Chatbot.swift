import Chatbot
import Foundation

/// What the snippets of `Chatbot` take for granted.
struct ChatbotSnippets {}
